import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import type { Sql, TransactionSql } from 'postgres'

/** This build cannot use the database as it is. The message says why; the caller that opens it adds the variable. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

/**
 * - `current`: the database has all migrations of this build and no others
 * - `behind`: it is empty or lacks some
 * - `unknown`: it has one that this build lacks, or tables without a record of migrations
 */
export type SchemaState = 'current' | 'behind' | 'unknown'

/**
 * Applies the migrations in `folder` that the database lacks, all or none, and returns how many they were. If several processes
 * migrate at once, one does it; the others wait and find nothing to do. Safe through any pooler.
 *
 * The files and the record of applied migrations have drizzle's form. Its migrator is not used: it creates the record's table
 * before it opens its transaction, and through a pooler only a lock within one transaction holds.
 *
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
    const missing = migrations.filter(({ hash }) => !record.hashes.has(hash))
    if (missing.length > 0) await tx.unsafe(MAKE_RECORD)
    for (const { sql: statements, hash, folderMillis } of missing) {
      for (const statement of statements) await tx.unsafe(statement)
      await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`
    }
    return missing.length
  })
}

export async function schemaState(sql: Sql, folder: string): Promise<SchemaState> {
  return compare(readMigrationFiles({ migrationsFolder: folder }), await readRecord(sql))
}

/** @throws SchemaError unless the state is `current` */
export async function checkSchema(sql: Sql, folder: string): Promise<void> {
  const state = await schemaState(sql, folder)
  if (state === 'behind') throw new SchemaError(BEHIND)
  if (state === 'unknown') throw new SchemaError(UNKNOWN)
}

function compare(migrations: readonly MigrationMeta[], { hashes, tables }: Applied): SchemaState {
  if (hashes.size === 0) return tables ? 'unknown' : 'behind'
  const known = new Set(migrations.map(({ hash }) => hash))
  if (!hashes.isSubsetOf(known)) return 'unknown'
  return hashes.size === known.size ? 'current' : 'behind'
}

async function readRecord(sql: Sql | TransactionSql): Promise<Applied> {
  const [found] = await sql<{ record: boolean; tables: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as record, exists (
      select from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    ) as tables`
  const rows = found?.record
    ? await sql<{ hash: string }[]>`select hash from drizzle.__drizzle_migrations`
    : []
  return { hashes: new Set(rows.map(({ hash }) => hash)), tables: found?.tables ?? false }
}

const BEHIND = "the database's schema is older than this server: run `bun run migrate`"
const UNKNOWN =
  "the database's schema is of another version of this server, or of another program: run the version that made it, or use another database"

/** The advisory lock that a migration holds in this database: "parley" as a number. */
const LOCK = 0x7061726c6579

/** The same that drizzle's migrator creates. */
const MAKE_RECORD = `
  create schema if not exists drizzle;
  create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`

interface Applied {
  /** The hashes of the applied migrations. */
  readonly hashes: ReadonlySet<string>
  /** Whether there are tables that do not belong to an extension. */
  readonly tables: boolean
}
