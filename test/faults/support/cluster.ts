import postgres, { type Sql } from 'postgres'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { createMigratedDatabase, sharedPostgres } from '../../support/shared-postgres.ts'

export interface Cluster {
  readonly databaseUrl: string
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  /** Queries the database directly, without the servers' code. */
  readonly sql: Sql
  /** The nodes that clients connect to, in turn; a test may remove one and add another. */
  readonly nodes: ParleyProcess[]
  /** A further node, which is not among `nodes` yet. @param main the program to start in the server's place */
  launch(env?: Readonly<Record<string, string>>, main?: string): Promise<ParleyProcess>
  remove(): Promise<void>
}

export interface ClusterOptions {
  readonly nodes?: number
  /** Settings of every node. */
  readonly env?: Readonly<Record<string, string>>
  /** A separate Postgres with these settings, for tests that disturb it; otherwise the one that all tests of the run share. */
  readonly ownPostgres?: Readonly<Record<string, string>>
  /** Puts a proxy or pooler between the database and its users. */
  readonly between?: (server: PostgresServer, databaseUrl: string) => Promise<Between>
}

/** The URLs of the database. */
export interface Between {
  /** For the nodes. */
  readonly databaseUrl: string
  /** For the test's own queries. */
  readonly sideUrl: string
  readonly env: Readonly<Record<string, string>>
}

/** Starts nodes as separate processes over one Postgres and one Redis, with limits on clients raised. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { nodes = 2, env = {}, ownPostgres } = options
  const own = ownPostgres === undefined ? null : startPostgres({ ...ownPostgres })
  const [server, redis] = await Promise.all([own ?? sharedPostgres(), startRedis()])
  const direct = await (own === null ? createMigratedDatabase() : server.createDatabase())
  const way = (await options.between?.(server, direct)) ?? { databaseUrl: direct, sideUrl: direct, env: {} }
  const { databaseUrl } = way
  const all: ParleyProcess[] = []

  async function launch(more: Readonly<Record<string, string>> = {}, main?: string): Promise<ParleyProcess> {
    const settings = {
      ...unlimited,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      ...way.env,
      ...env,
      ...more,
    }
    const node = await startParley(settings, main)
    all.push(node)
    return node
  }

  const first = await Promise.all(Array.from({ length: nodes }, () => launch()))
  const sql = postgres(way.sideUrl, {
    max: 2,
    onnotice: () => undefined,
    backoff: () => 0.1,
    connection: { application_name: OBSERVER },
  })
  return {
    databaseUrl,
    postgres: server,
    redis,
    sql,
    nodes: first,
    launch,
    async remove() {
      await sql.end({ timeout: 1 })
      await Promise.all(all.map((node) => node.remove()))
      await redis.remove()
      if (own !== null) await server.remove()
    },
  }
}

/** The application name of the test's own connections, so that a fault can spare them. */
export const OBSERVER = 'observer'

/** Here one address and few users stand for many. */
export const unlimited = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
  RATE_LOGINS_PER_MINUTE: '100000',
  RATE_MESSAGES_PER_SECOND: '1000000',
  RATE_MESSAGES_BURST: '1000000',
  RATE_USER_REQUESTS_PER_SECOND: '1000000',
  RATE_USER_REQUESTS_BURST: '1000000',
  MAX_CONNECTIONS_PER_ADDRESS: '100000',
}
