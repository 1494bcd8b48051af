import { join } from 'node:path'
import manifest from '../../../../package.json'
import { findProgram } from '../../../support/programs.ts'
import { PLAIN, type Wire } from '../load/wire.ts'
import { type ClientMessage, clientMessages } from './messages.ts'
import type { Peer, Promises, RunningPeer } from './peer.ts'
import { printedPort, startPeer } from './program.ts'

const NOTHING: Promises = { stores: 'nothing', order: 'per connection', replay: 'no', durable: 'no' }

export const socketIo: Peer = {
  name: 'Socket.IO',
  // Its state recovery is off by default, and not promised to succeed where it is on.
  promises: { ...NOTHING, replay: 'no; optional: 2 min, from memory' },
  start: (clients) =>
    onNode(clients, {
      file: 'socket-io.mjs',
      version: manifest.devDependencies['socket.io'],
      path: '/socket.io/?EIO=4&transport=websocket',
      wire: SOCKET_IO,
      frame: ({ json }) => `42["message",${json}]`,
    }),
}

/** Engine.IO's packets, by their first digit, that hold Socket.IO's, by their second. */
export const SOCKET_IO: Wire = {
  ...PLAIN,
  answers: [
    { to: '0{', with: '40' },
    // Its heartbeat.
    { to: '2', with: '3' },
  ],
  ready: '40{',
  message: '42["message",',
  markAt: PLAIN.markAt - ']'.length,
  complaint: '44{',
}

export const ws: Peer = {
  name: 'ws',
  promises: NOTHING,
  start: (clients) => onNode(clients, { ...asItIs, file: 'ws.mjs', version: manifest.devDependencies.ws }),
}

export const elysia: Peer = {
  name: 'Elysia',
  promises: NOTHING,
  start: (clients) =>
    started(clients, [process.execPath, '--no-env-file'], `Bun ${Bun.version}`, {
      ...asItIs,
      file: 'elysia.ts',
      version: manifest.dependencies.elysia,
      path: '/room',
    }),
}

interface Setup {
  /** In the folder of servers. */
  readonly file: string
  readonly version: string
  /** Where sockets connect to. */
  readonly path: string
  readonly wire: Wire
  /** What a client sends. */
  frame(message: ClientMessage): string
}

const asItIs = { path: '/', wire: PLAIN, frame: ({ json }: ClientMessage) => json }

async function onNode(clients: number, setup: Setup): Promise<RunningPeer> {
  const node = await findProgram('node')
  const version = Bun.spawnSync([node, '--version']).stdout.toString().trim()
  return await started(clients, [node], `Node ${version.replace('v', '')}`, setup)
}

async function started(
  clients: number,
  command: readonly string[],
  runtime: string,
  { file, version, path, wire, frame }: Setup,
): Promise<RunningPeer> {
  const main = join(import.meta.dir, 'servers', file)
  const { pid, port, remove } = await startPeer(
    file,
    [...command, main],
    { NODE_ENV: 'production' },
    printedPort,
  )
  return {
    version: `${version}, ${runtime}`,
    clients: clientMessages(clients).map((message) => ({
      url: `ws://127.0.0.1:${port}${path}`,
      frame: frame(message),
      mark: message.mark,
    })),
    wire,
    processes: [{ name: 'server', pid, memory: true }],
    remove,
  }
}
