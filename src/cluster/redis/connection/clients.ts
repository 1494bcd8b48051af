import { Cluster, Redis } from 'ioredis'
import { type RedisAddress, redisAddressOf } from './address.ts'

/** One place to send commands to; a Redis Cluster finds the node by the keys. */
export type RedisClient = Redis | Cluster

export interface RedisClients {
  /** For everything that answers at once. Fails at once while there is no connection, and after `COMMAND_MS` without an answer. */
  readonly commands: RedisClient
  /** Whether keys are spread over slots, so that one command may name those of one slot only. */
  readonly clustered: boolean
  /** A connection of its own for one reader that blocks. */
  reader(): BlockingReader
  /** Resolves once there is a connection, or after so many milliseconds. @returns whether there is */
  ready(withinMs: number): Promise<boolean>
  close(): void
}

export interface BlockingReader {
  readonly client: RedisClient
  /** Resolves once there is a connection, or after so many milliseconds. @returns whether there is */
  ready(withinMs: number): Promise<boolean>
  /**
   * Ends what it blocks in, where that can be done; else it ends by itself, after `BLOCK_MS`.
   * @returns whether it was blocked, and is not any more
   */
  interrupt(): Promise<boolean>
  close(): void
}

/** How long a command may take, in milliseconds: past it Redis counts as away. */
export const COMMAND_MS = 1000
/** The longest that a reader waits for something to read, in milliseconds. */
export const BLOCK_MS = 1000
/** A connection over which an answer is due and nothing comes for this long is given up, and all that waits with it. */
const SILENCE_MS = 1500
/** After a failure the next connection is tried within this time. */
const RETRY_MS = 1000

/**
 * What is told about TLS: certificates are verified, against the system's authorities and those in the file that Bun's own
 * NODE_EXTRA_CA_CERTS names. Sentinels are given the password where the URL names no user, since theirs is usually the same
 * and one that needs none takes any; users of an ACL are the servers' own.
 *
 * @param url as `redisAddressOf` takes it
 * @param onError told of each connection's errors; they repeat while the server is away
 */
export function openRedis(url: string, onError: (error: Error) => void): RedisClients {
  const address = redisAddressOf(url)
  const opened: RedisClient[] = []

  function open(timeouts: Timeouts): RedisClient {
    const client = connect(address, timeouts)
    client.on('error', (error: Error) => onError(causeOf(error)))
    opened.push(client)
    return client
  }

  const commands = open({ commandTimeout: COMMAND_MS, socketTimeout: SILENCE_MS })
  if (commands instanceof Cluster) {
    const connectAll = () => connectMasters(commands, onError)
    for (const event of ['ready', '+node']) commands.on(event, connectAll)
  }
  return {
    commands,
    clustered: address.kind === 'cluster',

    reader() {
      const client = open({ socketTimeout: BLOCK_MS + SILENCE_MS })
      let id: number | null = null
      client.on('close', () => {
        id = null
      })
      client.on('ready', () => {
        // In a Redis Cluster each node has connections of its own, and there is no telling which one blocks.
        if (client instanceof Redis) client.client('ID').then((own) => (id = own), onError)
      })
      return {
        client,
        async interrupt() {
          if (id === null || !(commands instanceof Redis)) return false
          return (await commands.client('UNBLOCK', id)) === 1
        },
        ready: (withinMs) => within(withinMs, () => client.status === 'ready'),
        close: () => client.disconnect(),
      }
    },

    ready: (withinMs) => within(withinMs, () => isConnected(commands)),

    close() {
      for (const client of opened) client.disconnect()
    },
  }
}

async function within(ms: number, holds: () => boolean): Promise<boolean> {
  const until = performance.now() + ms
  while (!holds() && performance.now() < until) await Bun.sleep(5)
  return holds()
}

/** A Redis Cluster's client says that no node answered, and keeps why to itself. */
function causeOf(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error
}

/** Else a master is connected to by its first command, and all others are refused until that is done. */
function connectMasters(cluster: Cluster, onError: (error: Error) => void): void {
  // Before that the client looks around by itself.
  if (cluster.status !== 'ready') return
  for (const node of cluster.nodes('master')) if (node.status === 'wait') node.connect().catch(onError)
}

function isConnected(client: RedisClient): boolean {
  const masters = client instanceof Cluster ? client.nodes('master') : []
  return client.status === 'ready' && masters.every(({ status }) => status === 'ready')
}

function connect(address: RedisAddress, timeouts: Timeouts): RedisClient {
  const { kind, hosts, rest, username, password, tls } = address
  const shared = {
    ...timeouts,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    // What a lost connection leaves open may have been done or not: whoever asked decides whether to ask again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2000,
    // A server that hangs does not say goodbye.
    disconnectTimeout: 100,
    keepAlive: 10_000,
  }
  if (kind === 'cluster') {
    return new Cluster([...hosts], {
      redisOptions: shared,
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      slotsRefreshTimeout: COMMAND_MS,
      // As above; what a node has refused unseen is sent to another.
      retryDelayOnFailover: 0,
      maxRedirections: 5,
    })
  }
  const alone = { ...shared, enableOfflineQueue: false, retryStrategy: pause }
  if (kind === 'single') {
    const [{ host, port } = { host: '127.0.0.1', port: 6379 }] = hosts
    return new Redis({ ...alone, host, port, db: rest === '' ? 0 : Number(rest) })
  }
  return new Redis({
    ...alone,
    sentinels: [...hosts],
    name: rest,
    sentinelRetryStrategy: pause,
    sentinelCommandTimeout: COMMAND_MS,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    ...(username === '' && password !== '' ? { sentinelPassword: password } : {}),
    // What was the master until a moment ago says so.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  })
}

/** Full jitter, so that nodes that lost the same server do not come back in step. */
function pause(attempt: number): number {
  return Math.random() * Math.min(RETRY_MS, 50 * 2 ** Math.min(attempt, 8))
}

interface Timeouts {
  /** Of one command, in milliseconds; the reader's are awaited as long as it blocks. */
  readonly commandTimeout?: number
  readonly socketTimeout: number
}
