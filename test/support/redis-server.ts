import { Redis } from 'ioredis'
import { onFreePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import { type Server, startServer } from './server.ts'

export interface RedisServer extends Server {
  readonly url: string
}

/**
 * Starts a Redis of its own on loopback, which keeps nothing on disk.
 * @param settings redis.conf directives; with `requirepass`, the URL holds the password
 */
export async function startRedis(settings: Record<string, string> = {}): Promise<RedisServer> {
  const program = await findProgram('redis-server')
  return await onFreePort(async (port) => {
    const sandbox = await openSandbox('redis')
    const flags = Object.entries({ ...DEFAULTS, ...settings, port: String(port) }).flatMap(toFlag)
    const url = redisUrl(port, settings.requirepass)
    const kind = {
      name: 'redis-server',
      stopSignal: 'SIGTERM',
      launch: () => sandbox.run('redis-server', [program, ...flags], {}),
      answers: (pid: number) => isServedBy(url, pid),
    } as const
    return Object.assign(await startServer(kind, sandbox, port), { url })
  })
}

const DEFAULTS = { bind: '127.0.0.1', save: '', appendonly: 'no' }

function toFlag([name, value]: [string, string]): string[] {
  return [`--${name}`, value]
}

function redisUrl(port: number, password: string | undefined): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return `redis://${credentials}127.0.0.1:${port}`
}

/** Whether this very process answers there. */
export async function isServedBy(url: string, pid: number): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 1_000 })
  // The failed command tells the same; without a listener, the client would print it.
  client.on('error', () => undefined)
  try {
    return (await client.info('server')).includes(`process_id:${pid}\r\n`)
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
