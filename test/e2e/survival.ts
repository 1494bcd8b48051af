import { expect } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { makeMigratedEmbeddedFolder } from '../support/embedded-folder.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { killAgainAndAgain } from './kill-run.ts'
import { findGaps, readStored } from './numbers.ts'
import { judge } from './oracle.ts'
import { createRandom } from './random.ts'
import { unlimited } from './unlimited.ts'

/** Kills a server on Postgres, and checks what is left. */
export async function survivesOnPostgres(kills: number, seed: number): Promise<void> {
  const url = await createMigratedDatabase()
  await survives({ DATABASE_URL: url }, kills, seed, async (read) => {
    const sql = postgres(url, { max: 1 })
    await read(sql).finally(() => sql.end())
  })
}

/** The same with the database inside the killed process. */
export async function survivesEmbedded(kills: number, seed: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-killed-'))
  const dataDir = join(folder, 'data')
  await makeMigratedEmbeddedFolder(dataDir)
  await survives({ DATA_DIR: dataDir }, kills, seed, async (read) => {
    const database = await startEmbedded({
      dataDir,
      onCrash(error) {
        throw error
      },
    })
    const { sql, close } = connectDatabase(
      { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 },
      database.connection,
    )
    await read(sql).finally(async () => {
      await close()
      await database.close()
    })
  }).finally(() => rm(folder, { recursive: true, force: true }))
}

async function survives(
  settings: Readonly<Record<string, string>>,
  kills: number,
  seed: number,
  withDatabase: (read: (sql: Sql) => Promise<void>) => Promise<void>,
): Promise<void> {
  console.log(`SEED=${seed} repeats these kills`)
  const report = await killAgainAndAgain({
    settings: { ...unlimited, ...settings },
    kills,
    random: createRandom(seed),
  })
  const acked = report.sendings.filter((sending) => sending.acked)
  const { length: sent } = report.sendings
  const kept = [...report.stored.values()].flat().length
  console.log(
    `${kills} kills under load, ${report.whileStarting} more while starting; ` +
      `${sent} sent, ${acked.length} acknowledged, ${kept} stored`,
  )
  expect(judge(report)).toEqual([])
  expect(report.refusals).toEqual([])
  // A kill with nothing under way would prove nothing.
  expect(sent).toBeGreaterThan(acked.length)
  await withDatabase(async (sql) => {
    expect(await findGaps(sql)).toEqual([])
    const stored = await readStored(sql)
    for (const [room, messages] of report.stored) expect(messages).toEqual(stored.get(room) ?? [])
  })
}
