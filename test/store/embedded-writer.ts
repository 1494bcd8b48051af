// A program for the tests of the embedded database: opens it in the folder given, then writes batches of rows, without
// end, and prints `acked FIRST COUNT` for each that the database has acknowledged. Numbers go on where the table ends.
import { writeSync } from 'node:fs'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'

const [dataDir = ''] = process.argv.slice(2)
const { connection } = await startEmbedded({ dataDir, onCrash: fail })
const options = { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 }
const { sql } = connectDatabase(options, connection)
await sql`create table if not exists written (number bigint not null, padding text not null)`
const [last] = await sql<{ number: number }[]>`select coalesce(max(number), 0) as number from written`

for (let first = (last?.number ?? 0) + 1, count = 1; ; first += count, count = (count % 20) + 1) {
  const end = first + count - 1
  await sql`insert into written select n, repeat('x', 500) from generate_series(${first}::bigint, ${end}::bigint) n`
  writeSync(1, `acked ${first} ${count}\n`)
}

function fail(error: Error): never {
  console.error(error.message)
  process.exit(1)
}
