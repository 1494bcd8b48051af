import postgres, { type Sql } from 'postgres'
import type { Backup, PostgresServer } from '../../support/postgres-server.ts'
import { until } from '../../support/until.ts'
import type { DatabaseCluster } from './database-cluster.ts'
import type { Load } from './load.ts'

/**
 * Restores the database from the backup. Before the nodes reach it again, the load is told what the database
 * has lost.
 *
 * @returns how many acknowledged messages are lost
 */
export async function loseTail(cluster: DatabaseCluster, load: Load, backup: Backup): Promise<number> {
  const { postgres, proxy } = cluster
  await proxy.welcome('refuse')
  proxy.cut()
  await postgres.stop()
  await backup.restore()
  await postgres.start()
  return await tellLoad(cluster, load)
}

/** From now on the standby receives nothing more. */
export async function leaveBehind(standby: PostgresServer): Promise<void> {
  await onServer(standby, async (sql) => {
    await sql`alter system set primary_conninfo = ''`
    await sql`select pg_reload_conf()`
    await until(
      async () => (await sql`select from pg_stat_wal_receiver`).length === 0,
      'the standby to be left behind',
    )
  })
}

/**
 * Kills the primary, and promotes the standby with the data that it has. Otherwise like `loseTail`.
 * @param waits whether the standby receives the last writes, after the nodes are cut off
 */
export async function takeOver(
  cluster: DatabaseCluster,
  load: Load,
  standby: PostgresServer,
  waits = false,
): Promise<number> {
  const { postgres: primary, proxy } = cluster
  await proxy.welcome('refuse')
  proxy.cut()
  if (waits) await haveReceivedAll(cluster.sql, standby)
  await primary.kill()
  cluster.switchTo(standby)
  await onServer(standby, (sql) => sql`select pg_promote()`)
  return await tellLoad(cluster, load)
}

async function tellLoad({ proxy, sql }: DatabaseCluster, load: Load): Promise<number> {
  const rows = await sql<{ sender: number; clientId: string }[]>`
    select sender_id::float8 as sender, client_id as "clientId" from messages`
  const stored = new Set(rows.map(({ sender, clientId }) => `${sender} ${clientId}`))
  const lost = load.tailLost(({ sender, clientId }) => stored.has(`${sender} ${clientId}`))
  await proxy.welcome('pass')
  return lost
}

async function haveReceivedAll(sql: Sql, standby: PostgresServer): Promise<void> {
  const [primary] = await sql<{ at: string }[]>`select pg_current_wal_lsn()::text as at`
  const at = primary?.at ?? ''
  await onServer(standby, (own) =>
    until(async () => {
      const [row] = await own<{ there: boolean }[]>`select pg_last_wal_replay_lsn() >= ${at}::pg_lsn as there`
      return row?.there === true
    }, 'the standby to have everything'),
  )
}

async function onServer(server: PostgresServer, run: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined })
  await run(sql).finally(() => sql.end({ timeout: 1 }))
}
