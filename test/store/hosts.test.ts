// Several hosts in DATABASE_URL: clients connect to the one that takes writes, and go to another once it does so in its place.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { MIGRATIONS } from '../../src/app.ts'
import type { Message, RoomId, UserRef } from '../../src/core/index.ts'
import {
  connectDatabase,
  type DatabaseClients,
  type DatabaseOptions,
} from '../../src/store/connection/connect.ts'
import { migrate } from '../../src/store/connection/migrations.ts'
import { createStore } from '../../src/store/index.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const OPTIONS = { poolSize: 3, lanes: 2, prepare: true, statementTimeoutMs: 5000 }
/** What is promised after a failover, in milliseconds. */
const RECOVERY_MS = 10_000

let primary: PostgresServer
let standby: PostgresServer
let clients: DatabaseClients[] = []

beforeAll(async () => {
  primary = await startPostgres()
  standby = await primary.startStandby()
})
afterEach(async () => {
  for (const { close } of clients) await close()
  clients = []
})
afterAll(async () => {
  await standby.remove()
  await primary.remove()
})

function connect(url: string, options: Partial<DatabaseOptions> = {}): DatabaseClients {
  const opened = connectDatabase({ ...OPTIONS, url, ...options })
  clients.push(opened)
  return opened
}

function urlOf(ports: readonly (number | string)[], parameters = ''): string {
  return `postgres://postgres@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres${parameters}`
}

async function portsOf({ sql, lanes }: DatabaseClients): Promise<number[]> {
  const ports = await Promise.all(
    [sql, ...lanes].map(async (client) => {
      const [row] = await client<{ port: number }[]>`select current_setting('port')::int as port`
      return row?.port ?? 0
    }),
  )
  return [...new Set(ports)]
}

describe('of several hosts', () => {
  /** Nobody listens there. */
  const NOBODY = 1

  test.each([
    ['that takes writes, not the standby before it', '', true],
    ['that takes writes, without prepared statements', '', false],
    ['that is the primary, if that is asked for', '?target_session_attrs=primary', true],
  ])('the driver connects to the one %s', async (_, parameters, prepare) => {
    const url = urlOf([standby.port, primary.port], parameters)
    expect(await portsOf(connect(url, { prepare }))).toEqual([primary.port])
  })

  test('an unreachable one is skipped at once', async () => {
    const url = urlOf([NOBODY, standby.port, primary.port])
    expect(await portsOf(connect(url))).toEqual([primary.port])
  })

  test('one that does not answer is skipped', async () => {
    const proxy = await startTcpProxy(primary)
    await proxy.welcome('mute')
    try {
      expect(await portsOf(connect(urlOf([proxy.port, primary.port]), { lanes: 0 }))).toEqual([primary.port])
    } finally {
      await proxy.close()
    }
  })

  test('if none accepts writes, each is reported, and the next attempt waits', async () => {
    const ways = await Promise.all([standby, standby].map(startTcpProxy))
    try {
      const [one, other] = ways.map(({ port }) => port)
      const { sql } = connect(urlOf([one ?? 0, NOBODY, other ?? 0]))
      const error: unknown = await sql`select 1`.then(
        () => null,
        (reason) => reason,
      )
      expect(error).toMatchObject({ code: 'TARGET_SESSION_ATTRS' })
      const refused = 'TARGET_SESSION_ATTRS: The server is not read-write'
      expect(String(error)).toMatch(
        `127.0.0.1:${one}: ${refused}; 127.0.0.1:${NOBODY}: connect ECONNREFUSED 127.0.0.1:1; 127.0.0.1:${other}: ${refused}`,
      )
      expect(ways.map(({ accepted }) => accepted)).toEqual([1, 1])
    } finally {
      await Promise.all(ways.map((way) => way.close()))
    }
  })

  test('a single host may be required to accept writes as well', async () => {
    const { sql } = connect(urlOf([standby.port], '?target_session_attrs=read-write'))
    await expect(sql`select 1`).rejects.toMatchObject({ code: 'TARGET_SESSION_ATTRS' })
    expect(await portsOf(connect(urlOf([standby.port])))).toEqual([standby.port])
  })
})

describe('once the primary has become read-only and keeps its connections', () => {
  let pair: { old: PostgresServer; next: PostgresServer; way: TcpProxy }

  beforeAll(async () => {
    const old = await startPostgres()
    const next = await old.startStandby()
    pair = { old, next, way: await startTcpProxy(old) }
  })
  afterAll(async () => {
    await pair.way.close()
    await pair.next.remove()
    await pair.old.remove()
  })

  test('clients leave it for the next one, at another host or behind the same address', async () => {
    const { old, next, way } = pair
    const several = world(connect(urlOf([old.port, next.port])))
    const one = world(connect(urlOf([way.port])))
    await several.begin()
    await one.begin()
    const asked = connect(old.url('postgres'), { poolSize: 1, lanes: 0 }).sql

    await asked`alter system set default_transaction_read_only = on`
    await asked`select pg_reload_conf()`
    await until(() => one.append().then(() => false, isUnavailable), 'writes to be refused')
    await expect(several.append()).rejects.toMatchObject({ kind: 'unavailable' })
    await connect(next.url('postgres'), { lanes: 0 }).sql`select pg_promote()`
    way.redirect(next.port)

    const start = performance.now()
    for (const each of [several, one]) {
      await until(
        () =>
          each.append().then(
            () => true,
            () => false,
          ),
        'a write',
        RECOVERY_MS,
      )
      await until(
        () =>
          each.read().then(
            () => true,
            () => false,
          ),
        'a reading',
        RECOVERY_MS,
      )
      expect(await portsOf(each.clients)).toEqual([next.port])
    }
    console.log(`recovered after ${Math.round(performance.now() - start)} ms`)
    await until(async () => {
      const [row] =
        await asked`select count(*)::int as n from pg_stat_activity where application_name = 'parley'`
      return row?.n === 1
    }, 'nobody but the test to be connected to the old one')
  })
})

/** A store over these clients, with somebody who says something in a room. */
function world(database: DatabaseClients) {
  const { sql, lanes, replace, renew } = database
  const store = createStore(sql, lanes, { queryTimeoutMs: 6000, replace, renew })
  let where: { room: RoomId; sender: UserRef } | null = null
  let count = 0
  return {
    clients: database,
    async begin() {
      await migrate(sql, MIGRATIONS)
      const sender = await store.createUser(`sender ${crypto.randomUUID()}`, null, 'person')
      const empty = { description: '', avatar: '', invited: [] }
      const { room } = await store.createRoom({
        name: `room ${sender.id}`,
        kind: 'public',
        creator: sender,
        ...empty,
      })
      where = { room: room.id, sender }
      await this.append()
    },
    append: async () => {
      if (where === null) throw new Error('it has not begun')
      const { room, sender } = where
      const draft = {
        roomId: room,
        sender,
        clientId: `${++count}`,
        kind: 'text',
        body: 'said',
        replyTo: null,
        details: null,
        inRoom: true,
      }
      return store.append(count % lanes.length, { rooms: [room], counts: [1], drafts: [draft] })
    },
    async read(): Promise<readonly Message[]> {
      return where === null
        ? []
        : (await store.history(where.room, 'latest', 10, { tombstones: true })).messages
    },
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === 'unavailable'
}
