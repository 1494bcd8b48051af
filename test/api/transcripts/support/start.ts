import { MIGRATIONS } from '../../../../src/app.ts'
import { connectDatabase } from '../../../../src/store/connection/connect.ts'
import { migrate } from '../../../../src/store/connection/migrations.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { sharedPostgres } from '../../../support/shared-postgres.ts'
import { FIRST_IDS } from './mask.ts'

/** A server whose ids begin where the mask expects them. */
export async function startForTranscript(env: Readonly<Record<string, string>>): Promise<TestApp> {
  const url = await (await sharedPostgres()).createDatabase()
  const database = connectDatabase({ url, poolSize: 1, lanes: 0, prepare: true, statementTimeoutMs: 10_000 })
  await migrate(database.sql, MIGRATIONS)
  await database.sql.unsafe(`
    alter table users alter column id restart with ${FIRST_IDS.user};
    alter table rooms alter column id restart with ${FIRST_IDS.room};
    alter sequence message_ids restart with ${FIRST_IDS.message};`)
  await database.close()
  return startApp({ ...env, DATABASE_URL: url })
}
