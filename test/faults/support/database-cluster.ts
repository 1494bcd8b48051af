import postgres from 'postgres'
import { type PgBouncerServer, startPgBouncer } from '../../support/pgbouncer-server.ts'
import type { PostgresServer } from '../../support/postgres-server.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { type Cluster, startCluster } from './cluster.ts'

/** Nodes that reach their database as a role of its own and through a proxy, for faults on the way to it and in it. */
export interface DatabaseCluster extends Cluster {
  /** The current primary, which a failover changes. */
  readonly postgres: PostgresServer
  /** Between the nodes and the pooler, or Postgres if there is none. The test's own connections do not go through it. */
  readonly proxy: TcpProxy
  readonly pooler: PgBouncerServer | null
  /** The database's name. */
  readonly database: string
  /**
   * Makes another server the primary, for the test at once and for new connections of the nodes. The connections that the
   * nodes have stay where they are. The one that was the primary is removed with the cluster.
   */
  switchTo(next: PostgresServer): void
}

export interface DatabaseClusterOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Whether there is a PgBouncer in transaction mode; if so, the nodes have the settings that the README gives. */
  readonly pooled?: boolean
}

/** The database user of the nodes. */
export const ROLE = 'parley'

export async function startDatabaseCluster(options: DatabaseClusterOptions = {}): Promise<DatabaseCluster> {
  const { env = {}, pooled = false } = options
  const made: (() => Promise<void>)[] = []
  let primary: PostgresServer | null = null
  const ways: { proxy?: TcpProxy; side?: TcpProxy; pooler: PgBouncerServer | null } = { pooler: null }

  const cluster = await startCluster({
    ownPostgres: {},
    env,
    async between(server, databaseUrl) {
      primary = server
      await giveToRole(databaseUrl)
      if (pooled) ways.pooler = await startPgBouncer(server, POOLER, ROLE)
      const [proxy, side] = await Promise.all([startTcpProxy(ways.pooler ?? server), startTcpProxy(server)])
      Object.assign(ways, { proxy, side })
      return {
        databaseUrl: through(proxy, databaseUrl, `${ROLE}:${PASSWORD}`),
        sideUrl: through(side, databaseUrl, 'postgres'),
        env: pooled ? { DATABASE_PREPARE: 'false' } : {},
      }
    },
  })
  const { proxy, side, pooler } = ways
  if (proxy === undefined || side === undefined) throw new Error('there is no way to the database')

  return {
    ...cluster,
    get postgres() {
      return primary ?? cluster.postgres
    },
    proxy,
    pooler,
    database: new URL(cluster.databaseUrl).pathname.slice(1),
    switchTo(next) {
      primary = next
      made.push(() => next.remove())
      if (pooler === null) proxy.redirect(next.port)
      side.redirect(next.port)
      side.cut()
    },
    async remove() {
      await cluster.remove()
      await Promise.all([proxy.close(), side.close(), pooler?.remove(), ...made.map((remove) => remove())])
    },
  }
}

/** The settings that the README gives for this mode. After a failed login, PgBouncer waits one second, not 15. */
const POOLER = { server_login_retry: '1' }

/** Asked for only while a fault makes Postgres do so, and wrong then. */
const PASSWORD = 'parley'

async function giveToRole(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 })
  await sql`create role ${sql(ROLE)} login password 'another'`
  // What the README tells to set for a pooler that takes no parameters of a session.
  await sql`alter role ${sql(ROLE)} set statement_timeout = '10s'`
  await sql`alter role ${sql(ROLE)} set jit = off`
  await sql`alter database ${sql(new URL(databaseUrl).pathname.slice(1))} owner to ${sql(ROLE)}`
  await sql.end()
}

function through(proxy: TcpProxy, databaseUrl: string, user: string): string {
  const { pathname } = new URL(databaseUrl)
  return `postgres://${user}@127.0.0.1:${proxy.port}${pathname}`
}
