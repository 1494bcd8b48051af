import type { Backup } from '../../support/postgres-server.ts'
import type { DatabaseCluster } from './database-cluster.ts'
import type { Load } from './load.ts'

/**
 * Puts the database back to what it was when the backup was made. Before the nodes reach it again, the load is told of what it
 * has lost.
 *
 * @returns how many acknowledged messages are gone
 */
export async function loseTail(cluster: DatabaseCluster, load: Load, backup: Backup): Promise<number> {
  const { postgres, proxy, sql } = cluster
  await proxy.welcome('refuse')
  proxy.cut()
  await postgres.stop()
  await backup.restore()
  await postgres.start()
  const rows = await sql<{ sender: number; clientId: string }[]>`
    select sender_id::float8 as sender, client_id as "clientId" from messages`
  const stored = new Set(rows.map(({ sender, clientId }) => `${sender} ${clientId}`))
  const lost = load.tailLost(({ sender, clientId }) => stored.has(`${sender} ${clientId}`))
  await proxy.welcome('pass')
  return lost
}
