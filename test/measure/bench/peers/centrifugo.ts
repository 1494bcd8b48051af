import { join } from 'node:path'
import { onFreePort } from '../../../support/free-port.ts'
import { startPostgres } from '../../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import { BEHIND_CONTENT, MARK_LENGTH, PLAIN, type Wire } from '../load/wire.ts'
import { installed, succeed } from './installed.ts'
import { clientMessages } from './messages.ts'
import { LeftOut, type Peer, type Promises, type RunningPeer } from './peer.ts'
import { startPeer } from './program.ts'

const VERSION = 'v6.9.1'
const ADVICE = 'install Go 1.26 or later, and reach its module proxy'

const CHANNEL = 'room'
const HISTORY_SIZE = 100
const SECRET = 'of a server on loopback that lives for minutes'
/** Requests in a frame: far fewer than fit into its largest one. */
const MOST_PARTS = 128

/** Its broker in memory, which keeps the channel's latest messages. */
export const centrifugoInMemory: Peer = {
  name: 'Centrifugo, history in memory',
  promises: {
    ...common(),
    stores: `the latest ${HISTORY_SIZE}, in memory`,
    durable: 'no',
  },
  start: (clients) => start(clients, {}, []),
}

/** The same with the broker on Postgres of its open-source version, which keeps as many. */
export const centrifugoOnPostgres: Peer = {
  name: 'Centrifugo, history in Postgres',
  promises: {
    ...common(),
    stores: `the latest ${HISTORY_SIZE}, in Postgres`,
    durable: 'yes',
  },
  async start(clients) {
    const postgres = await startPostgres()
    const url = new URL(await postgres.createDatabase())
    url.searchParams.set('sslmode', 'disable')
    const broker = {
      CENTRIFUGO_BROKER_ENABLED: 'true',
      CENTRIFUGO_BROKER_TYPE: 'postgres',
      CENTRIFUGO_BROKER_POSTGRES_DSN: url.href,
      // Or else it looks for new messages each 100 ms.
      CENTRIFUGO_BROKER_POSTGRES_USE_NOTIFY: 'true',
      // Keeps messages as they came. By default they are JSONB, which costs more, and puts their fields into another order.
      CENTRIFUGO_BROKER_POSTGRES_BINARY_DATA: 'true',
    }
    return await start(clients, broker, [{ name: 'Postgres', pid: postgres.pid, memory: false }])
  },
}

function common(): Pick<Promises, 'order' | 'replay'> {
  return { order: 'one per channel, numbered', replay: `the latest ${HISTORY_SIZE}` }
}

/** The channel's messages carry what their clients sent as `data`, which begins with this in each. */
const BEGINNING = `{"push":{"channel":"${CHANNEL}","pub":{"data":`

/** Its JSON protocol: commands and replies are lines, and a frame may hold several. */
export const CENTRIFUGO: Wire = {
  ...PLAIN,
  hello: JSON.stringify({ id: 1, connect: { token: token('1000000') } }),
  answers: [
    { to: '{"id":1,"connect"', with: JSON.stringify({ id: 2, subscribe: { channel: CHANNEL } }) },
    // Its heartbeat.
    { to: '{}', with: '{}' },
  ],
  ready: '{"id":2,"subscribe"',
  message: BEGINNING,
  markAt: BEGINNING.length + messageLength() - BEHIND_CONTENT - MARK_LENGTH,
  complaint: '"error":{',
  answer: '{"id":3,"publish"',
  number: { label: '"offset":', from: 'end' },
  parts: 'lines',
  mostParts: MOST_PARTS,
}

/** Those of all clients have one length. */
function messageLength(): number {
  return clientMessages(1)[0]?.json.length ?? Number.NaN
}

/** The publication of a client over its own socket; the message is JSON already. */
export function publishCommand(json: string): string {
  return `{"id":3,"publish":{"channel":"${CHANNEL}","data":${json}}}`
}

async function start(
  clients: number,
  env: Readonly<Record<string, string>>,
  backend: readonly Watched[],
): Promise<RunningPeer> {
  const folder = await installed(`centrifugo-${VERSION}`, install)
  const { pid, remove, port } = await onFreePort((free) =>
    startPeer('centrifugo', [join(folder, 'centrifugo')], { ...settings(free), ...env }, (output) =>
      output.includes('serving websocket') ? free : undefined,
    ),
  )
  return {
    version: VERSION.slice(1),
    clients: clientMessages(clients).map(({ mark, json }) => ({
      url: `ws://127.0.0.1:${port}/connection/websocket`,
      frame: publishCommand(json),
      mark,
    })),
    wire: CENTRIFUGO,
    processes: [{ name: 'server', pid, memory: true }, ...backend],
    remove,
  }
}

async function install(folder: string): Promise<void> {
  const go = Bun.which('go')
  if (go === null) throw new LeftOut(ADVICE)
  const program = `github.com/centrifugal/centrifugo/v6@${VERSION}`
  await succeed([go, 'install', program], ADVICE, { GOBIN: folder, GOFLAGS: '' })
}

/** Clients with tokens subscribe and publish themselves, and can recover what they missed. */
function settings(port: number): Record<string, string> {
  const channel = 'CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE'
  return {
    CENTRIFUGO_HTTP_SERVER_ADDRESS: '127.0.0.1',
    CENTRIFUGO_HTTP_SERVER_PORT: String(port),
    CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY: SECRET,
    [`${channel}_ALLOW_SUBSCRIBE_FOR_CLIENT`]: 'true',
    [`${channel}_ALLOW_PUBLISH_FOR_SUBSCRIBER`]: 'true',
    [`${channel}_HISTORY_SIZE`]: String(HISTORY_SIZE),
    [`${channel}_HISTORY_TTL`]: '300s',
    [`${channel}_FORCE_RECOVERY`]: 'true',
  }
}

/** A JSON Web Token of a user, for ever. */
function token(user: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user })}`
  return `${signed}.${new Bun.CryptoHasher('sha256', SECRET).update(signed).digest('base64url')}`
}
