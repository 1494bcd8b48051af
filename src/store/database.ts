import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { Sql } from 'postgres'
import postgres from 'postgres'
import type { Config } from '../config.ts'
export async function openDatabase(
  config: Config,
  migrationsFolder: string,
  _onFatal: (error: Error) => void,
) {
  const sql: Sql = postgres(config.database.url ?? '', { max: 8, onnotice: () => undefined })
  await migrate(drizzle(sql), { migrationsFolder })
  const lanes: Sql[] = [1, 2].map(() =>
    postgres(config.database.url ?? '', { max: 1, onnotice: () => undefined }),
  )
  return {
    sql,
    lanes,
    close: async () => void (await Promise.all([sql, ...lanes].map((s) => s.end({ timeout: 1 })))),
  }
}
