// An outage of the database is told once when it begins and once when it is over, however many statements fail in between.
import { describe, expect, test } from 'bun:test'
import { MIGRATIONS } from '../../src/app.ts'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { type Failure, failureOf } from '../../src/store/connection/failure.ts'
import { migrate } from '../../src/store/connection/migrations.ts'
import { watchOutages } from '../../src/store/connection/outage.ts'
import { createStore } from '../../src/store/index.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { until } from '../support/until.ts'

const failure = (code: string): Failure => failureOf(Object.assign(new Error('said'), { code }))
const AWAY = failure('ECONNREFUSED')
const READ_ONLY = failure('25006')
const CLOSED = failure('CONNECTION_CLOSED')
const REFUSED = failure('28000')
const FULL = failure('53100')

function watch() {
  const told: string[] = []
  const asked = { times: 0, serves: false }
  const tell = {
    onOutage: ({ code }: Failure) => void told.push(code),
    onRecovery: (lastedMs: number) => void told.push(lastedMs >= 0 ? 'back' : 'never'),
  }
  const outages = watchOutages(tell, 1000)
  const client = (writes: boolean) =>
    outages.client({
      writes,
      async probe() {
        asked.times++
        return asked.serves
      },
    })
  return {
    /** The code of each outage, and `back` for each end. */
    told,
    /** How often clients were probed, and what probes find. */
    asked,
    pool: client(false),
    lane: client(true),
    isBack: () => isBack(told),
    isProbed: (times: number) => until(() => asked.times >= times, `${times} probes`),
  }
}

const isBack = (told: readonly string[]) => until(() => told.at(-1) === 'back', 'the recovery', 20_000)

describe('an outage', () => {
  test('is reported once, and its end when every client has succeeded', async () => {
    const { isBack, isProbed, lane, pool, told } = watch()
    lane.failed(AWAY)
    for (let i = 0; i < 5; i++) pool.failed(AWAY)
    lane.succeeded()
    await isProbed(2)
    expect(told).toEqual(['ECONNREFUSED'])
    pool.succeeded()
    await isBack()
    pool.succeeded()
    lane.failed(READ_ONLY)
    expect(told).toEqual(['ECONNREFUSED', 'back', '25006'])
  })

  test('is one outage if failures and successes alternate', async () => {
    const { isBack, pool, told } = watch()
    for (let i = 0; i < 20; i++) {
      pool.failed(AWAY)
      pool.succeeded()
      await Bun.sleep(0)
    }
    await isBack()
    expect(told).toEqual(['ECONNREFUSED', 'back'])
  })

  test('that begins with the end of a connection is reported with the reason that the next one gets', async () => {
    const { isBack, lane, pool, told } = watch()
    lane.failed(CLOSED)
    pool.failed(CLOSED)
    expect(told).toEqual([])
    pool.failed(REFUSED)
    lane.failed(AWAY)
    expect(told).toEqual(['28000'])
    for (const client of [lane, pool]) client.succeeded()
    await isBack()
    expect(told).toEqual(['28000', 'back'])
  })

  test('without a known reason is reported as well', async () => {
    const { isBack, pool, told } = watch()
    pool.failed(CLOSED)
    pool.succeeded()
    await isBack()
    expect(told).toEqual(['CONNECTION_CLOSED', 'back'])
  })

  test('ends without requests, once a probe succeeds', async () => {
    const { asked, isBack, isProbed, pool } = watch()
    pool.failed(AWAY)
    await isProbed(1)
    asked.serves = true
    await isBack()
  })

  test('of writing is not ended by reading', async () => {
    const { asked, isBack, isProbed, lane, pool, told } = watch()
    lane.failed(FULL)
    pool.failed(READ_ONLY)
    pool.succeeded()
    await isProbed(2)
    expect(told).toEqual(['53100'])
    asked.serves = true
    await isProbed(3)
    expect(told).toEqual(['53100'])
    lane.succeeded()
    await isBack()
  })

  test('does not begin with a failed write of a client that also reads, because its later success would prove nothing', () => {
    const { pool, told } = watch()
    pool.failed(FULL)
    expect(told).toEqual([])
  })

  test('does not wait for a closed client', async () => {
    const { isBack, lane, pool } = watch()
    pool.failed(AWAY)
    lane.failed(AWAY)
    pool.closed()
    lane.succeeded()
    await isBack()
  })

  test('ends if the last failing client is closed', async () => {
    const { isBack, lane, pool } = watch()
    pool.failed(AWAY)
    lane.failed(AWAY)
    lane.succeeded()
    pool.closed()
    await isBack()
  })
})

test('a killed server is reported with the cause, and as available once it runs again, without requests', async () => {
  const server = await startPostgres()
  const options = { poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 1000 }
  const clients = connectDatabase({ ...options, url: server.url('postgres') })
  try {
    await migrate(clients.sql, MIGRATIONS)
    const told: string[] = []
    const causes: string[] = []
    const store = createStore(clients.sql, clients.lanes, {
      queryTimeoutMs: 2000,
      onOutage({ code, cause }) {
        told.push(code)
        causes.push(cause)
      },
      onRecovery: () => void told.push('back'),
    })
    await store.ping()
    expect(told).toEqual([])
    await server.kill()
    for (let i = 0; i < 3; i++) await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(told).toEqual(['ECONNREFUSED'])
    expect(causes[0]).toMatch(/127\.0\.0\.1/)
    await server.start()
    await isBack(told)
    expect(told).toHaveLength(2)
  } finally {
    await clients.close()
    await server.remove()
  }
})
