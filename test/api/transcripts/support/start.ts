import { connectDatabase } from '../../../../src/store/connection/connect.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { createMigratedDatabase } from '../../../support/shared-postgres.ts'
import { FIRST_IDS } from './mask.ts'

/** A server whose ids begin where the mask expects them. */
export async function startForTranscript(env: Readonly<Record<string, string>>): Promise<TestApp> {
  const url = await createMigratedDatabase()
  const database = connectDatabase({ url, poolSize: 1, lanes: 0, prepare: true, statementTimeoutMs: 10_000 })
  await database.sql.unsafe(`
    alter table users alter column id restart with ${FIRST_IDS.user};
    alter table rooms alter column id restart with ${FIRST_IDS.room};
    alter sequence message_ids restart with ${FIRST_IDS.message};`)
  await database.close()
  return startApp({ ...env, DATABASE_URL: url })
}
