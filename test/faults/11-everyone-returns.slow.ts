// Every client comes back within five seconds, as after a network's failure: all are back and caught up within a minute, and
// Postgres gets no more than a few cheap statements for each.
import { expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'

const GROUPS = 10
/** In each group; one of them stays. */
const CLIENTS = 51
const ROOMS = 5
/** Said in each room while the others are away. */
const MISSED = 20
const WITHIN_MS = 5000
const CAUGHT_UP_MS = 60_000
/** For each who comes back: who they are; and for each room, that they are a member, what they missed, and how things stand. */
const MOST_STATEMENTS = 1 + 4 * ROOMS
/** Of one node: its pool, and its lane. */
const CONNECTIONS = 9

test('500 clients that reconnect at once are soon back and caught up', async () => {
  const cluster = await startCluster({ ownPostgres: { shared_preload_libraries: 'pg_stat_statements' } })
  const loads: Load[] = []
  try {
    await cluster.sql`create extension pg_stat_statements`
    for (let i = 0; i < GROUPS; i++)
      loads.push(await startLoad(cluster, { rooms: ROOMS, clients: CLIENTS, perSecond: 4 }))
    await Promise.all(loads.map((load) => load.flows(10)))
    for (const load of loads) await load.converge()

    const away = loads.flatMap(({ clients }) => clients.slice(1))
    for (const client of away) client.leave()
    for (const { clients, rooms } of loads) {
      for (const room of rooms) for (let i = 0; i < MISSED; i++) clients[0]?.say(room, `missed: ${room}.${i}`)
    }
    await until(() => loads.every(({ clients }) => clients[0]?.waiting === 0), 'what they miss to be said')
    await cluster.sql`select pg_stat_statements_reset()`

    const start = performance.now()
    for (const client of away) setTimeout(() => client.comeBack(), Math.random() * WITHIN_MS)
    let connections = 0
    await until(
      async () => {
        connections = Math.max(connections, await connectionsOf(cluster.sql))
        return away.every(({ live }) => live)
      },
      'all to be back',
      CAUGHT_UP_MS,
    )
    for (const load of loads) await load.converge(CAUGHT_UP_MS - (performance.now() - start))
    const took = performance.now() - start
    const statements = await statementsOf(cluster.sql)
    const each = statements.reduce((sum, { calls }) => sum + calls, 0) / away.length
    const busiest = statements.slice(0, 5).map(({ calls, query }) => `${calls} × ${query.slice(0, 60)}`)
    console.log(
      `${away.length} clients of ${ROOMS} rooms were back and caught up ${Math.round(took)} ms after the first of them came, ` +
        `all within ${WITHIN_MS} ms; ${each.toFixed(1)} statements for each over ${connections} connections, most of them\n${busiest.join('\n')}`,
    )
    expect(away.map(({ visits }) => visits.length)).toEqual(away.map(() => 2))
    expect(each).toBeLessThanOrEqual(MOST_STATEMENTS)
    expect(connections).toBeLessThanOrEqual(CONNECTIONS * cluster.nodes.length)
    for (const load of loads) expect(await load.judge()).toEqual([])
  } finally {
    for (const load of loads) load.stop()
    await cluster.remove()
  }
})

async function connectionsOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where application_name = 'parley'`
  return row?.count ?? 0
}

/** The nodes' own since the last reset, the most frequent first. */
async function statementsOf(sql: Sql): Promise<{ query: string; calls: number }[]> {
  return await sql<{ query: string; calls: number }[]>`
    select regexp_replace(query, '\\s+', ' ', 'g') as query, calls::int as calls from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and query not like '%pg_stat_%' and query not like 'select id::float8 as id, last_seq%'
    order by calls desc`
}
