import { Cluster, Redis } from 'ioredis'
import { type RedisAddress, redisAddressOf } from './address.ts'

/** A client to send commands to; that of a Redis Cluster finds the node by the keys. */
export type RedisClient = Redis | Cluster

export interface RedisClients {
  /** For commands that do not block. They fail at once if there is no connection, and after `COMMAND_MS` without an answer. */
  readonly commands: RedisClient
  /** Whether keys are spread over slots, so that all keys of one command must lie in the same slot. */
  readonly clustered: boolean
  /** Makes a connection for a reader, which blocks. */
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
   * Unblocks the reader if possible; otherwise it unblocks by itself after `BLOCK_MS`.
   * @returns whether it was blocked and no longer is
   */
  interrupt(): Promise<boolean>
  close(): void
}

/** Milliseconds that a command may take; after that Redis counts as away. */
export const COMMAND_MS = 1000
/** The most milliseconds that a reader waits for something to read. */
export const BLOCK_MS = 1000
/** Milliseconds without a byte after which a connection that owes an answer is given up, with all commands that wait on it. */
const SILENCE_MS = 1500
/** The longest pause before a reconnect, in milliseconds. */
const RETRY_MS = 1000

/**
 * Makes the clients. With TLS, certificates are verified against the system's authorities and those in the file that
 * NODE_EXTRA_CA_CERTS names. If the URL names no user, Sentinels get the password, too: theirs is usually the same, and one without a
 * password accepts any. A user of an ACL exists on the servers only.
 *
 * @param url as for `placeOf`
 * @param onError called with each connection's errors, which repeat while the server is away
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
        // In a Redis Cluster each node has connections of its own, and it is unknown which of them blocks.
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

/** Returns the cause if there is one: the client of a Redis Cluster only says that no node answered. */
function causeOf(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error
}

/** Connects to all masters. Otherwise the first command to a master would connect to it, and further ones would fail meanwhile. */
function connectMasters(cluster: Cluster, onError: (error: Error) => void): void {
  // Before that the client discovers the nodes by itself.
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
    // After a lost connection it is unknown whether a command ran, so the caller decides whether to retry.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2000,
    // A server that hangs does not close the connection.
    disconnectTimeout: 100,
    keepAlive: 10_000,
  }
  if (kind === 'cluster') {
    return new Cluster([...hosts], {
      redisOptions: shared,
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      slotsRefreshTimeout: COMMAND_MS,
      // As above. A command that a node refused without running it is sent to another one.
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
    // A former master says that it is one no longer.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  })
}

/** Backoff with full jitter, so that nodes that lost the same server do not reconnect in step. */
function pause(attempt: number): number {
  return Math.random() * Math.min(RETRY_MS, 50 * 2 ** Math.min(attempt, 8))
}

interface Timeouts {
  /** The time-out of a command, in milliseconds; a reader has none, since its commands block. */
  readonly commandTimeout?: number
  readonly socketTimeout: number
}
