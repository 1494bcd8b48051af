// The driver, as .patches/ mends it: whatever a server says or leaves unsaid, the statement fails that waits for it, no promise
// of the driver's is left to end the process, and no statement gets another's result.
import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import {
  connectDatabase,
  type DatabaseClients,
  type DatabaseOptions,
} from '../../src/store/connection/connect.ts'
import {
  errorBody,
  type FakePostgres,
  type FakeScript,
  number,
  startFakePostgres,
  text,
} from '../support/fake-postgres.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

const OPTIONS = { poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 0 }

let fakes: FakePostgres[] = []
let open: DatabaseClients[] = []

afterEach(async () => {
  for (const { close } of open) await close()
  for (const fake of fakes) fake.close()
  fakes = []
  open = []
})

function connect(url: string, options: Partial<DatabaseOptions> = {}): DatabaseClients {
  const clients = connectDatabase({ ...OPTIONS, url, ...options })
  open.push(clients)
  return clients
}

async function fake(script: FakeScript): Promise<FakePostgres> {
  const server = await startFakePostgres(script)
  fakes.push(server)
  return server
}

const SASL = Buffer.concat([number(10), text('SCRAM-SHA-256\0\0')])
const SASL_CONTINUE = number(11)
const GSS = number(7)

describe('a login fails with its cause if the server', () => {
  const cases: [string, string, FakeScript, string?][] = [
    ['accepts and closes', 'CONNECTION_CLOSED', { accepted: ({ socket }) => socket.destroy() }],
    [
      'closes when it is asked for TLS',
      'CONNECTION_CLOSED',
      { tlsAsked: ({ socket }) => socket.destroy() },
      '?sslmode=require',
    ],
    [
      'does not speak TLS',
      'TLS_NOT_SUPPORTED',
      { tlsAsked: ({ socket }) => socket.write('N') },
      '?sslmode=require',
    ],
    [
      'promises TLS and closes',
      'ECONNRESET',
      {
        tlsAsked({ socket }) {
          socket.write('S')
          socket.destroy()
        },
      },
      '?sslmode=require',
    ],
    [
      'refuses, and leaves the connection open',
      '57P03',
      { started: ({ say }) => say('E', errorBody('57P03', 'the database system is starting up')) },
    ],
    [
      'asks for a way to log in that the driver does not know',
      'AUTH_NOT_SUPPORTED',
      { started: ({ say }) => say('R', GSS) },
    ],
    [
      'breaks off in the middle of SCRAM',
      'CONNECTION_CLOSED',
      {
        started({ say, socket }) {
          say('R', SASL)
          socket.end()
        },
      },
    ],
  ]

  test.each(cases)('%s', async (_, code, script, parameters = '') => {
    const server = await fake(script)
    const { sql, lanes } = connect(server.url + parameters)
    for (const client of [sql, ...lanes]) await expect(client`select 1`).rejects.toMatchObject({ code })
    expect(server.accepted).toBe(2)
  })

  test('answers SCRAM with garbage', async () => {
    const server = await fake({
      started: ({ say }) => say('R', SASL),
      asked: ({ say }) => say('R', SASL_CONTINUE),
    })
    await expect(connect(server.url).sql`select 1`).rejects.toThrow()
    expect(server.accepted).toBe(1)
  })
})

describe('a statement fails if the server', () => {
  test('closes in the middle of a transaction, which is not continued on another connection', async () => {
    let statements = 0
    const server = await fake({
      started: ({ letIn }) => letIn(),
      asked({ say, socket }, type) {
        if (type !== 'Q') return
        if (++statements > 1) socket.destroy()
        say('C', text('BEGIN\0'))
        say('Z', text('T'))
      },
    })
    const { sql } = connect(server.url, { poolSize: 1 })
    const late = Promise.withResolvers<unknown>()
    const transaction = sql.begin(async (tx) => {
      await tx.unsafe('insert into something').catch(() => undefined)
      await tx.unsafe('insert into something else').catch(late.resolve)
    })
    await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await late.promise).toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect([statements, server.accepted]).toEqual([2, 1])
  })

  test('ends the connection, with the cause that the server gave', async () => {
    const server = await fake({
      started: ({ letIn }) => letIn(),
      asked({ say, socket }) {
        say('E', errorBody('57P01', 'terminating connection due to administrator command'))
        socket.end()
      },
    })
    await expect(connect(server.url).sql`select 1`).rejects.toMatchObject({ code: '57P01' })
  })

  test('sends an unrequested response, and the connection is abandoned', async () => {
    const server = await fake({
      started({ letIn, say }) {
        letIn()
        say('D', Buffer.alloc(2))
      },
      asked({ say, socket }, type) {
        if (type !== 'S') return
        if (server.accepted > 1) socket.destroy()
        else say('Z', text('I'))
      },
    })
    const { sql } = connect(server.url, { poolSize: 1 })
    for (let i = 0; i < 3; i++) await sql`select 1`.catch(() => undefined)
    expect(server.accepted).toBeGreaterThan(1)
  })
})

test('statements that wait for a connection fail with the attempts to connect, and are not kept', async () => {
  const server = await fake({ accepted: ({ socket }) => socket.destroy() })
  const { sql } = connect(server.url)
  const results = await Promise.allSettled(Array.from({ length: 200 }, () => sql`select 1`))
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(server.accepted).toBeLessThan(20)
})

describe('each statement gets its own result', () => {
  let url: string

  beforeAll(async () => {
    url = await (await sharedPostgres()).createDatabase()
  })

  test('while prepared statements vanish from its session', async () => {
    const { lanes } = connect(url)
    const [lane] = lanes
    if (lane === undefined) throw new Error('there is no lane')
    for (let round = 0; round < 20; round++) {
      const wrong = await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          if (i === 3) await lane.unsafe('deallocate all')
          const [row] = await lane`select ${round * 100 + i}::int as n`
          return row?.n === round * 100 + i ? null : row
        }),
      )
      expect(wrong.filter((row) => row !== null)).toEqual([])
    }
  })

  test('after one that failed in the middle of its rows', async () => {
    const { lanes } = connect(url)
    const [lane] = lanes
    if (lane === undefined) throw new Error('there is no lane')
    await expect(lane`select 1 / (3 - g) from generate_series(1, 5) g`).rejects.toMatchObject({
      code: '22012',
    })
    expect([...(await lane`select 7 as n`)]).toEqual([{ n: 7 }])
  })

  test('after one whose connection ended in the middle of its rows', async () => {
    let session = 0
    const server = await fake({
      started: ({ letIn }) => letIn(),
      asked({ say, socket }, type) {
        if (type !== 'Q') return
        say(
          'T',
          Buffer.concat([
            Buffer.from([0, 1]),
            text('n\0'),
            number(0),
            Buffer.from([0, 0]),
            number(25),
            Buffer.alloc(8),
          ]),
        )
        say('D', Buffer.concat([Buffer.from([0, 1]), number(1), text('7')]))
        if (++session === 1) socket.end()
        else {
          say('C', text('SELECT 1\0'))
          say('Z', text('I'))
        }
      },
    })
    const { sql } = connect(server.url, { poolSize: 1 })
    const ask = () => sql`select n`.simple()
    await expect(ask()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect([...(await ask())]).toEqual([{ n: '7' }])
  })

  test('next to one that cannot be sent', async () => {
    const { lanes } = connect(url)
    const [lane] = lanes
    if (lane === undefined) throw new Error('there is no lane')
    const time = (at: Date) => lane`select ${at}::timestamptz as n`
    await Promise.all([lane`select ${0}::int as n`, time(new Date())])
    const results = await Promise.allSettled([
      lane`select ${1}::int as n`,
      time(new Date(Number.NaN)),
      lane`select ${2}::int as n`,
      lane`select ${3}::int as n`,
    ])
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value[0]?.n : null))).toEqual([
      1,
      null,
      2,
      3,
    ])
  })

  test('and JSON is sent as it is when its statement has to be prepared again', async () => {
    const { lanes } = connect(url)
    const [lane] = lanes
    if (lane === undefined) throw new Error('there is no lane')
    const typeOf = () => lane`select jsonb_typeof(${lane.json({ a: 1 })}) as type`.then(([row]) => row?.type)
    expect(await typeOf()).toBe('object')
    await lane.unsafe('deallocate all')
    expect(await typeOf()).toBe('object')
  })
})
