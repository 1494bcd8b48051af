import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import type { Sql, TransactionSql } from 'postgres'

/** This build cannot use the database as it is. The message says why; the caller that opens it adds the variable. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

/**
 * - `current`: the database has all migrations of this build and no others
 * - `behind`: it is empty or lacks some
 * - `newer`: it has all migrations of this build, and others with which this build still runs
 * - `unknown`: it has one that this build lacks and cannot run with, or tables without a record of migrations
 */
export type SchemaState = 'current' | 'behind' | 'newer' | 'unknown'

/**
 * Applies the migrations in `folder` that the database lacks, all or none, and returns how many they were. If several processes
 * migrate at once, one does it; the others wait and find nothing to do. Safe through any pooler.
 *
 * The files and the record of applied migrations have drizzle's form. Its migrator is not used: it creates the record's table
 * before it opens its transaction, and through a pooler only a lock within one transaction holds.
 *
 * If the state is `newer`, there is nothing to do.
 * @throws SchemaError if the state is `unknown`
 */
export async function migrate(sql: Sql, folder: string): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  // Read committed, to see what another process committed while this one waited for the lock.
  return await sql.begin('isolation level read committed', async (tx) => {
    await tx`set local statement_timeout = 0`
    await tx`select pg_advisory_xact_lock(${LOCK}::bigint)`
    const record = await readRecord(tx)
    if (compare(migrations, record) === 'unknown') throw new SchemaError(UNKNOWN)
    const missing = migrations.filter(({ hash }) => !record.applied.has(hash))
    if (missing.length > 0) await tx.unsafe(MAKE_RECORD)
    for (const { sql: statements, hash, folderMillis } of missing) {
      for (const statement of statements) await tx.unsafe(statement)
      await tx`
        insert into drizzle.__drizzle_migrations (hash, created_at, oldest_build)
        values (${hash}, ${folderMillis}, ${oldestBuild(statements)})`
    }
    return missing.length
  })
}

export async function schemaState(sql: Sql, folder: string): Promise<SchemaState> {
  return compare(readMigrationFiles({ migrationsFolder: folder }), await readRecord(sql))
}

/** @returns the state: `current` or `newer` @throws SchemaError in the other states */
export async function checkSchema(sql: Sql, folder: string): Promise<SchemaState> {
  const state = await schemaState(sql, folder)
  if (state === 'behind') throw new SchemaError(BEHIND)
  if (state === 'unknown') throw new SchemaError(UNKNOWN)
  return state
}

function compare(migrations: readonly MigrationMeta[], { applied, tables }: Applied): SchemaState {
  if (applied.size === 0) return tables ? 'unknown' : 'behind'
  const known = new Set(migrations.map(({ hash }) => hash))
  const others = [...applied].filter(([hash]) => !known.has(hash))
  const lacksSome = applied.size - others.length < known.size
  if (others.length === 0) return lacksSome ? 'behind' : 'current'
  const build = migrations.length - 1
  const runs = others.every(([, oldest]) => oldest !== null && oldest <= build)
  return runs && !lacksSome ? 'newer' : 'unknown'
}

/**
 * Returns the oldest build that runs with a migration, as its first line says it; null if only builds that have the migration do.
 * A build is named by the number of its newest migration.
 */
export function oldestBuild(statements: readonly string[]): number | null {
  const number = /^-- oldest build: (\d+)\n/.exec(statements[0] ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

async function readRecord(sql: Sql | TransactionSql): Promise<Applied> {
  const [found] = await sql<{ record: boolean; tables: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as record, exists (
      select from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    ) as tables`
  // Through JSON, because builds before the window of versions made the table without the column.
  const rows = found?.record
    ? await sql<{ hash: string; oldest: number | null }[]>`
        select hash, (to_jsonb(m) ->> 'oldest_build')::int as oldest from drizzle.__drizzle_migrations m`
    : []
  return { applied: new Map(rows.map(({ hash, oldest }) => [hash, oldest])), tables: found?.tables ?? false }
}

const BEHIND = "the database's schema is older than this server: run `bun run migrate`"
const UNKNOWN =
  "the database's schema is of another version of this server, or of another program: run the version that made it, or use another database"

/** The advisory lock that a migration holds in this database: "parley" as a number. */
const LOCK = 0x7061726c6579

/** The same that drizzle's migrator creates, and a column for the oldest build that runs with the migration. */
const MAKE_RECORD = `
  create schema if not exists drizzle;
  create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
  alter table drizzle.__drizzle_migrations add column if not exists oldest_build int`

interface Applied {
  /** The hashes of the applied migrations, each with the oldest build that runs with it; null for builds that have it alone. */
  readonly applied: ReadonlyMap<string, number | null>
  /** Whether there are tables that do not belong to an extension. */
  readonly tables: boolean
}
