import { Cluster, Redis } from 'ioredis'

/** One place to send commands to; a Redis Cluster finds the node by the keys. */
export type RedisClient = Redis | Cluster

export interface RedisClients {
  /** For everything that answers at once. Fails at once while there is no connection, and after a second without an answer. */
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
  /** Ends what it blocks in, where that can be done; else it ends by itself, after `BLOCK_MS`. */
  interrupt(): Promise<void>
  close(): void
}

/** How long a command may take, in milliseconds: past it Redis counts as away. */
export const COMMAND_MS = 1000
/** The longest that a reader waits for something to read, in milliseconds. */
export const BLOCK_MS = 1000

/**
 * @param url `redis://` or `rediss://` (TLS), with user and password as in Redis's ACL; `redis+sentinel://host,host/name` for
 * the master of that name; `redis+cluster://host,host` for a Redis Cluster. `rediss+…` with TLS
 * @param onError told of each connection's errors; they repeat while the server is away
 */
export function openRedis(url: string, onError: (error: Error) => void): RedisClients {
  const place = parse(url)
  const opened: RedisClient[] = []

  function open(options: Timeouts): RedisClient {
    const client = connect(place, options)
    client.on('error', onError)
    opened.push(client)
    return client
  }

  const commands = open({ commandTimeout: COMMAND_MS })
  return {
    commands,
    clustered: place.kind === 'cluster',

    reader() {
      // Its answers are waited for as long as it blocks, and a little longer.
      const client = open({ blockingTimeout: BLOCK_MS * 2, blockingTimeoutGrace: BLOCK_MS })
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
          if (id !== null && commands instanceof Redis) await commands.client('UNBLOCK', id)
        },
        ready: (withinMs) => ready(client, withinMs),
        close: () => client.disconnect(),
      }
    },

    ready: (withinMs) => ready(commands, withinMs),

    close() {
      for (const client of opened) client.disconnect()
    },
  }
}

async function ready(client: RedisClient, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  while (client.status !== 'ready' && performance.now() < until) await Bun.sleep(5)
  return client.status === 'ready'
}

const shared = {
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 5000,
  keepAlive: 10_000,
}

/** Full jitter, so that nodes that lost the same server do not come back in step. */
function pause(attempt: number): number {
  return Math.random() * Math.min(2000, 50 * 2 ** Math.min(attempt, 8))
}

function connect(place: Place, options: Timeouts): RedisClient {
  const { username, password, tls } = place
  const access = {
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls ? { tls: {} } : {}),
  }
  if (place.kind === 'cluster') {
    return new Cluster([...place.hosts], {
      redisOptions: { ...shared, ...access, ...options },
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      slotsRefreshTimeout: 2000,
    })
  }
  const common = { ...shared, ...access, ...options, enableOfflineQueue: false, retryStrategy: pause }
  if (place.kind === 'single') {
    const [{ host, port } = { host: '127.0.0.1', port: 6379 }] = place.hosts
    return new Redis({ ...common, host, port, db: place.rest === '' ? 0 : Number(place.rest) })
  }
  return new Redis({
    ...common,
    sentinels: [...place.hosts],
    name: place.rest,
    sentinelRetryStrategy: pause,
    // What was the master until a moment ago says so.
    reconnectOnError: (error: Error) => (error.message.includes('READONLY') ? 2 : false),
  })
}

function parse(url: string): Place {
  // A URL has one host; of several, the rest are put back afterwards.
  const [, scheme = '', credentials = '', hosts = '', rest = ''] =
    /^(rediss?(?:\+sentinel|\+cluster)?):\/\/(?:([^@/]*)@)?([^/?]*)\/?(.*)$/.exec(url) ?? []
  const [username = '', password = ''] = credentials.split(':').map(decodeURIComponent)
  const kind = scheme.includes('+sentinel') ? 'sentinel' : scheme.includes('+cluster') ? 'cluster' : 'single'
  const port = kind === 'sentinel' ? 26_379 : 6379
  return {
    kind,
    hosts: hosts.split(',').map((host) => toHost(host, port)),
    rest,
    username,
    password,
    tls: scheme.startsWith('rediss'),
  }
}

function toHost(text: string, usual: number): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`)
  return { host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1', port: port === '' ? usual : Number(port) }
}

type Timeouts = { commandTimeout: number } | { blockingTimeout: number; blockingTimeoutGrace: number }

interface Place {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly hosts: readonly { host: string; port: number }[]
  /** The database's number, or for Sentinel the name of the master. */
  readonly rest: string
  readonly username: string
  readonly password: string
  readonly tls: boolean
}
