import { readFile, writeFile } from 'node:fs/promises'
import postgres from 'postgres'
import type { Random } from '../../e2e/random.ts'
import { until } from '../../support/until.ts'
import { OBSERVER } from './cluster.ts'
import { type DatabaseCluster, ROLE } from './database-cluster.ts'
import type { Load } from './load.ts'
import { leaveBehind, loseTail, takeOver } from './lost-tail.ts'

/** A temporary fault of the database. */
export interface DatabaseFault {
  readonly name: string
  /** Whether the fault needs a connection to Postgres without a pooler. */
  readonly direct?: boolean
  /** Resolves once the fault is over. @returns how often the database was briefly unavailable, if not once */
  run(cluster: DatabaseCluster, random: Random, load: Load): Promise<number | undefined>
}

/** The same faults each time, neither the shortest nor the longest. */
export const steady: Random = { below: (limit) => Math.floor(limit / 4) }

/** Lengths of an outage in milliseconds, from hardly noticeable to longer than the deadline of any send. */
function forAWhile(random: Random): Promise<void> {
  return Bun.sleep(1000 + random.below(7000))
}

/** With nothing lost: what the old primary acknowledges is on the standby, too, which takes over once the old one is read-only. */
export const failover: DatabaseFault = {
  name: 'failover, the old primary read-only with its connections kept',
  direct: true,
  run: failOver,
}

/** Messages acknowledged since a backup are lost, and their numbers are reused. */
const lostTail: DatabaseFault = {
  name: 'lost tail: an older backup restored',
  async run(cluster, random, load) {
    const backup = await cluster.postgres.backUp()
    await load.flows(100)
    await forAWhile(random)
    await loseTail(cluster, load, backup)
    return undefined
  },
}

/** The same by a failover without a synchronous standby. */
const tailOnPrimaryOnly: DatabaseFault = {
  name: 'lost tail: a standby that was behind takes over',
  direct: true,
  async run(cluster, random, load) {
    const standby = await cluster.postgres.startStandby()
    await leaveBehind(standby)
    await load.flows(50)
    await forAWhile(random)
    await takeOver(cluster, load, standby)
    return undefined
  },
}

export const databaseFaults: readonly DatabaseFault[] = [
  {
    name: 'connections ended, again and again',
    run: (cluster, random) => repeatedly(random, () => endConnections(cluster)),
  },
  {
    name: 'role not permitted to log in',
    run: (cluster, random) =>
      refused(cluster, random, `alter role ${ROLE} nologin`, `alter role ${ROLE} login`),
  },
  {
    name: 'logins rejected by pg_hba.conf',
    run: (cluster, random) => withHba(cluster, random, `host all ${ROLE} 127.0.0.1/32 reject`),
  },
  {
    name: 'password that has been changed',
    run: (cluster, random) => withHba(cluster, random, `host all ${ROLE} 127.0.0.1/32 scram-sha-256`),
  },
  {
    name: 'no connections left to the role',
    run: (cluster, random) =>
      refused(
        cluster,
        random,
        `alter role ${ROLE} connection limit 0`,
        `alter role ${ROLE} connection limit -1`,
      ),
  },
  {
    name: 'database renamed for a while',
    // Nobody may be connected while it is renamed.
    async run(cluster, random) {
      const { database } = cluster
      await inMaintenance(cluster, async (sql) => {
        await sql(`alter database ${database} allow_connections false`)
        await until(async () => {
          await sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`)
          return await sql(`alter database ${database} rename to elsewhere`).then(
            () => true,
            () => false,
          )
        }, 'the database to be renamed')
        await forAWhile(random)
        await sql(`alter database elsewhere rename to ${database}`)
        await sql(`alter database ${database} allow_connections true`)
      })
      return undefined
    },
  },
  {
    name: 'read-only, connections kept',
    async run(cluster, random) {
      await configure(cluster, 'default_transaction_read_only', 'on')
      await forAWhile(random)
      await configure(cluster, 'default_transaction_read_only', null)
      return undefined
    },
  },
  {
    name: 'sessions that stay read-only',
    // A pooler hands its sessions out again, whoever connects to it anew.
    direct: true,
    async run(cluster, random) {
      const { sql } = cluster
      await sql.unsafe(`alter role ${ROLE} set default_transaction_read_only = on`)
      await endConnections(cluster)
      await forAWhile(random)
      // Only those who connect from now on may write again.
      await sql.unsafe(`alter role ${ROLE} reset default_transaction_read_only`)
      return undefined
    },
  },
  {
    name: 'sessions that do not find the schema',
    direct: true,
    async run(cluster, random) {
      const { sql } = cluster
      await sql.unsafe(`alter role ${ROLE} set search_path = nowhere`)
      await endConnections(cluster)
      await forAWhile(random)
      await sql.unsafe(`alter role ${ROLE} reset search_path`)
      return undefined
    },
  },
  failover,
  lostTail,
  tailOnPrimaryOnly,
  {
    name: 'postgres killed',
    async run({ postgres: server }, random) {
      await server.kill()
      await Bun.sleep(random.below(4000))
      await server.start()
      return undefined
    },
  },
  {
    name: 'postgres frozen',
    async run({ postgres: server }, random) {
      await server.pause()
      await forAWhile(random)
      await server.resume()
      return undefined
    },
  },
  {
    name: 'postgres restarted, again and again',
    async run({ postgres: server }, random) {
      const times = 4 + random.below(10)
      for (let i = 0; i < times; i++) {
        await server.stop()
        await server.start()
        await Bun.sleep(random.below(400))
      }
      return times
    },
  },
  {
    name: 'lines cut, again and again',
    run: ({ proxy }, random) =>
      repeatedly(random, () => {
        proxy.cut()
        return Promise.resolve()
      }),
  },
  {
    name: 'lines half cut: what the database answers is lost',
    async run({ proxy }, random) {
      proxy.silence('answers')
      await Bun.sleep(200 + random.below(3000))
      proxy.cut()
      return undefined
    },
  },
  {
    name: 'lines hung: what is on them is swallowed, for ever',
    async run({ proxy }) {
      proxy.silence('swallow')
      return undefined
    },
  },
  {
    name: 'lines frozen, new ones unanswered',
    async run({ proxy }, random) {
      await proxy.welcome('mute')
      proxy.silence('freeze')
      await forAWhile(random)
      proxy.thaw()
      await proxy.welcome('pass')
      return undefined
    },
  },
  { name: 'connections refused', run: (cluster, random) => unreachable(cluster, random, 'refuse') },
  {
    name: 'balancer without a server: accepts and closes',
    run: (cluster, random) => unreachable(cluster, random, 'close'),
  },
  {
    name: 'balancer that accepts and answers nothing',
    run: (cluster, random) => unreachable(cluster, random, 'mute'),
  },
  {
    name: 'messages locked',
    async run({ sql }, random) {
      const seconds = (500 + random.below(3000)) / 1000
      await sql.begin(async (lock) => {
        await lock`lock table messages in access exclusive mode`
        await lock`select pg_sleep(${seconds})`
      })
      return undefined
    },
  },
]

/** Those of a pooler itself. */
export const poolerFaults: readonly DatabaseFault[] = [
  {
    name: 'pooler killed',
    async run(cluster, random) {
      await poolerOf(cluster).kill()
      await Bun.sleep(random.below(3000))
      await poolerOf(cluster).start()
      return undefined
    },
  },
  {
    name: 'pooler frozen',
    async run(cluster, random) {
      await poolerOf(cluster).pause()
      await forAWhile(random)
      await poolerOf(cluster).resume()
      return undefined
    },
  },
  {
    name: 'postgres stopped behind the pooler',
    async run({ postgres: server }, random) {
      await server.stop()
      await forAWhile(random)
      await server.start()
      return undefined
    },
  },
]

function poolerOf({ pooler }: DatabaseCluster) {
  if (pooler === null) throw new Error('there is no pooler')
  return pooler
}

/** Ends every connection except the test's own. */
export async function endConnections({ sql }: Pick<DatabaseCluster, 'sql'>): Promise<void> {
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database() and application_name <> ${OBSERVER}`
}

/** Repeats this for a few seconds, with short random pauses. */
async function repeatedly(random: Random, act: () => Promise<void>): Promise<undefined> {
  const times = 10 + random.below(40)
  for (let i = 0; i < times; i++) {
    await act()
    await Bun.sleep(random.below(200))
  }
}

async function refused(
  cluster: DatabaseCluster,
  random: Random,
  begin: string,
  end: string,
): Promise<undefined> {
  await cluster.sql.unsafe(begin)
  await endConnections(cluster)
  await forAWhile(random)
  await cluster.sql.unsafe(end)
}

/** Puts a rule before the others in pg_hba.conf for a while, and ends the connections that were made before it. */
async function withHba(cluster: DatabaseCluster, random: Random, rule: string): Promise<undefined> {
  const { sql } = cluster
  const [row] = await sql<{ file: string }[]>`select current_setting('hba_file') as file`
  if (row === undefined) throw new Error('there is no pg_hba.conf')
  const before = await readFile(row.file, 'utf8')
  await writeFile(row.file, `${rule}\n${before}`)
  await sql`select pg_reload_conf()`
  await until(async () => !(await mayLogIn(cluster)), 'logins to be refused')
  await endConnections(cluster)
  await forAWhile(random)
  await writeFile(row.file, before)
  await sql`select pg_reload_conf()`
}

async function mayLogIn({ postgres: server, database }: DatabaseCluster): Promise<boolean> {
  const url = server.url(database).replace('//postgres@', `//${ROLE}:wrong@`)
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  return await sql`select 1`
    .then(
      () => true,
      () => false,
    )
    .finally(() => sql.end({ timeout: 1 }))
}

async function configure({ sql }: DatabaseCluster, name: string, value: string | null): Promise<void> {
  await sql.unsafe(`alter system ${value === null ? `reset ${name}` : `set ${name} = ${value}`}`)
  await sql`select pg_reload_conf()`
}

/** Makes the server unreachable: connections are cut, and new ones behave as given. */
export async function unreachable(
  { proxy }: DatabaseCluster,
  random: Random,
  how: 'refuse' | 'close' | 'mute',
): Promise<undefined> {
  await proxy.welcome(how)
  proxy.cut()
  await forAWhile(random)
  // Clients that were accepted but not answered would wait until their own time-out.
  await proxy.welcome('pass')
}

async function failOver(cluster: DatabaseCluster): Promise<undefined> {
  const { sql } = cluster
  const standby = await cluster.postgres.startStandby()
  await configure(cluster, 'synchronous_standby_names', 'standby')
  await until(async () => {
    const [row] = await sql<{ state: string }[]>`
      select sync_state as state from pg_stat_replication where application_name = 'standby'`
    return row?.state === 'sync'
  }, 'the standby to be waited for')
  await configure(cluster, 'default_transaction_read_only', 'on')
  cluster.switchTo(standby)
  await until(
    () =>
      sql`select pg_promote()`.then(
        () => true,
        () => false,
      ),
    'the standby to be the primary',
  )
  return undefined
}

/** Runs statements from outside of the database, as those need that nobody may be connected to. */
async function inMaintenance(
  { postgres: server }: DatabaseCluster,
  run: (ask: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined })
  await run((text) => sql.unsafe(text)).finally(() => sql.end({ timeout: 1 }))
}
