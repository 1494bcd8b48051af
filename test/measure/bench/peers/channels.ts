import { join } from 'node:path'
import { startRedis } from '../../../support/redis-server.ts'
import { PLAIN, type Wire } from '../load/wire.ts'
import { installed, succeed } from './installed.ts'
import { clientMessages } from './messages.ts'
import { LeftOut, type Peer } from './peer.ts'
import { type FoundPort, startPeer } from './program.ts'

const CHANNELS = '4.3.2'
const DAPHNE = '4.2.3'
/** Of Django the release with long-term support. */
const PACKAGES = ['django==5.2.17', `channels==${CHANNELS}`, `daphne==${DAPHNE}`, 'channels-redis==4.3.0']

export const channels: Peer = {
  name: 'Django Channels',
  promises: {
    stores: 'nothing; what is on its way, in Redis',
    order: 'per connection',
    replay: 'no',
    durable: 'no',
  },
  async start(clients) {
    const python = await findPython()
    const packages = await installed(`channels-${CHANNELS}-daphne-${DAPHNE}`, (folder) =>
      install(python, folder),
    )
    const redis = await startRedis()
    const server = await startPeer('daphne', daphne(packages), environment(redis.url), listening)
    return {
      version: `${CHANNELS}, Daphne ${DAPHNE}, ${python.version}`,
      clients: clientMessages(clients).map(({ mark, content }) => ({
        url: `ws://127.0.0.1:${server.port}/ws/chat/room/`,
        frame: JSON.stringify({ message: content }),
        mark,
      })),
      wire: CHANNELS_ROOM,
      processes: [
        { name: 'server', pid: server.pid, memory: true },
        { name: 'Redis', pid: redis.pid, memory: true },
      ],
      remove: async () => {
        await server.remove()
        await redis.remove()
      },
    }
  },
}

/** The tutorial's frames, which hold a text and nothing else. */
export const CHANNELS_ROOM: Wire = {
  ...PLAIN,
  message: '{"message": "',
  markAt: -'00"}'.length,
}

const ADVICE = 'install Python 3.10 or later with venv and pip (on Debian and Ubuntu: python3-venv)'

interface Python {
  readonly path: string
  readonly version: string
}

async function findPython(): Promise<Python> {
  const path = Bun.which('python3')
  if (path === null) throw new LeftOut(ADVICE)
  return { path, version: Bun.spawnSync([path, '--version']).stdout.toString().trim() }
}

async function install(python: Python, folder: string): Promise<void> {
  await succeed([python.path, '-m', 'venv', join(folder, 'python')], ADVICE)
  const pip = [join(folder, 'python/bin/python'), '-m', 'pip', 'install', '--quiet']
  await succeed([...pip, '--disable-pip-version-check', ...PACKAGES], `${ADVICE}, and reach its packages`)
}

/** The server that the tutorial runs, without its log of requests. */
function daphne(packages: string): string[] {
  const flags = ['--bind', '127.0.0.1', '--port', '0', '--access-log', '/dev/null']
  // The load answers empty pings only, and Daphne's are not; no turn takes as long.
  const pings = ['--ping-interval', '3600']
  return [join(packages, 'python/bin/daphne'), ...flags, ...pings, 'room:application']
}

function listening(output: string): FoundPort {
  const [, port] = /Listening on TCP address 127\.0\.0\.1:(\d+)/.exec(output) ?? []
  return port === undefined ? undefined : Number(port)
}

function environment(redisUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    PYTHONPATH: join(import.meta.dir, 'servers'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  }
}
