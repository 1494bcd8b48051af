import { join } from 'node:path'
import { Redis } from 'ioredis'
import { onFreePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { isServedBy, type RedisServer, startRedis } from './redis-server.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import { type Server, startServer } from './server.ts'
import { until } from './until.ts'

export interface SentinelServers {
  /** As the server takes it: `redis+sentinel://host:port/name`. */
  readonly url: string
  /** The first one is the master at the start. */
  readonly servers: readonly [RedisServer, RedisServer]
  readonly sentinel: Server
  /** The port of the current master, as the sentinel reports it. */
  masterPort(): Promise<number>
  remove(): Promise<void>
}

const NAME = 'chat'

/**
 * Starts a Redis with a replica on loopback, and a sentinel that promotes the replica soon after the master is gone.
 * @param password of the servers and of the sentinel
 */
export async function startSentinel({ password = '' } = {}): Promise<SentinelServers> {
  const settings = {
    'repl-diskless-sync-delay': '0',
    'repl-timeout': '5',
    ...(password === '' ? {} : { requirepass: password, masterauth: password }),
  }
  const master = await startRedis(settings)
  const replica = await startRedis({ ...settings, replicaof: `127.0.0.1 ${master.port}` })
  const sentinel = await startWatcher(master.port, password)
  const credentials = password === '' ? '' : `:${encodeURIComponent(password)}@`
  const remove = async () => {
    await Promise.all([sentinel, master, replica].map((server) => server.remove()))
  }

  /** What the sentinel says of the master. */
  async function asked(): Promise<Map<string, string>> {
    const client = new Redis(sentinel.port, { password, retryStrategy: () => null, commandTimeout: 2000 })
    client.on('error', () => undefined)
    try {
      const answer = await client.call('SENTINEL', 'MASTER', NAME)
      const texts = Array.isArray(answer) ? answer.map(String) : []
      return new Map(texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1] ?? '']] : [])))
    } finally {
      client.disconnect()
    }
  }

  await until(async () => (await asked()).get('num-slaves') === '1', 'the sentinel to know the replica')
  return {
    url: `redis+sentinel://${credentials}127.0.0.1:${sentinel.port}/${NAME}`,
    servers: [master, replica],
    sentinel,
    masterPort: async () => Number((await asked()).get('port')),
    remove,
  }
}

async function startWatcher(masterPort: number, password: string): Promise<Server> {
  const program = await findProgram('redis-server')
  return await onFreePort(async (port) => {
    const sandbox = await openSandbox('sentinel')
    const file = join(sandbox.folder, 'sentinel.conf')
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 3000`,
      ...(password === '' ? [] : [`requirepass ${password}`, `sentinel auth-pass ${NAME} ${password}`]),
    ]
    await Bun.write(file, `${lines.join('\n')}\n`)
    const url = `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`
    const kind = {
      name: 'sentinel',
      stopSignal: 'SIGTERM',
      launch: () => sandbox.run('sentinel', [program, file, '--sentinel'], {}),
      answers: (pid: number) => isServedBy(url, pid),
    } as const
    return startServer(kind, sandbox, port)
  })
}
