// Through PgBouncer in transaction mode, as Debian has it and as the README says how to use it: every statement is answered, with
// its own result, and so is every transaction.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connectDatabase, type DatabaseClients } from '../../src/store/connection/connect.ts'
import { codeOf } from '../../src/store/connection/failure.ts'
import { type PgBouncerServer, startPgBouncer } from '../support/pgbouncer-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

const STATEMENTS = 3600
/** At once. */
const ASKERS = 60
/** One that hangs is given up by a node after 11 s. */
const PATIENCE_MS = 10_000

let pooler: PgBouncerServer
let clients: DatabaseClients

beforeAll(async () => {
  const postgres = await sharedPostgres()
  // Fewer sessions than connections, so that they change hands all the time.
  pooler = await startPgBouncer(postgres, { default_pool_size: '4' })
  const url = pooler.url(new URL(await postgres.createDatabase()).pathname.slice(1))
  clients = connectDatabase({ url, poolSize: 8, lanes: 2, prepare: false, statementTimeoutMs: 10_000 })
})
afterAll(async () => {
  await clients.close()
  await pooler.remove()
})

test(`each of ${STATEMENTS} statements gets its own result in time`, async () => {
  const { sql } = clients
  const late = Promise.withResolvers<never>()
  const wrong: string[] = []
  let asked = 0

  async function ask(): Promise<void> {
    while (asked < STATEMENTS) {
      const n = ++asked
      const timer = setTimeout(() => late.reject(new Error(`${kinds[n % 4]} was not answered`)), PATIENCE_MS)
      const result = await run(n)
      if (result !== n) wrong.push(`${kinds[n % 4]} got ${result} for ${n}`)
      clearTimeout(timer)
    }
  }

  async function run(n: number): Promise<number | undefined> {
    if (n % 4 === 3) return await inTransaction(n)
    if (n % 4 === 2)
      return await sql`select ${n}::int / 0`.then(
        () => 0,
        (error) => (codeOf(error) === '22012' ? n : -1),
      )
    const asking =
      n % 4 === 0 ? sql.unsafe(`select ${n} as n from pg_sleep(0.003)`) : sql`select ${n}::int as n`
    return (await asking)[0]?.n
  }

  function inTransaction(n: number): Promise<number> {
    return sql.begin(async (tx) => {
      const [first] = await tx<{ n: number }[]>`select ${n}::int as n`
      const [second] = await tx<{ n: number }[]>`select ${n}::int as n, pg_sleep(0.001)`
      return first?.n === n ? (second?.n ?? 0) : 0
    })
  }

  await Promise.race([Promise.all(Array.from({ length: ASKERS }, ask)), late.promise])
  expect(wrong).toEqual([])
})

const kinds = ['a statement without parameters', 'one with a parameter', 'one that fails', 'a transaction']
