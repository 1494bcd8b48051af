import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { Store } from '../../../../src/core/index.ts'
import { openDatabase } from '../../../../src/store/connection/database.ts'
import { createStore } from '../../../../src/store/index.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { LARGE, type Population, populate, SMALL } from './population.ts'

/** One Postgres with both databases, so that whatever else it does meets both alike. */
export interface Databases {
  readonly postgres: PostgresServer
  readonly small: Populated
  readonly large: Populated
}

export interface Populated {
  readonly url: string
  readonly sql: Sql
  readonly store: Store
  readonly population: Population
}

/** Takes two minutes or so, and 4 GB on the disk. Nothing has statistics yet. */
export async function startDatabases(): Promise<Databases> {
  const postgres = await startPostgres({ shared_buffers: '1GB', max_wal_size: '4GB', autovacuum: 'off' })
  return {
    postgres,
    small: await openPopulated(postgres, SMALL),
    large: await openPopulated(postgres, LARGE),
  }
}

async function openPopulated(postgres: PostgresServer, population: Population): Promise<Populated> {
  const url = await postgres.createDatabase()
  const { sql, lanes } = await openDatabase({
    database: { url, poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 60_000 },
    dataDir: '',
    migrate: true,
    migrations: join(import.meta.dir, '../../../../drizzle'),
    onCrash: () => undefined,
    onUpkeepError: () => undefined,
  })
  await populate(sql, population)
  return { url, sql, population, store: createStore(sql, lanes, { queryTimeoutMs: 60_000 }) }
}
