// The SQL functions: their current texts, one file each in functions/, held against what the migrations last defined.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import journal from './meta/_journal.json'

/** Between the statements of a migration; drizzle-kit's. */
export const BREAKPOINT = '--> statement-breakpoint'

export interface SqlFunction {
  readonly name: string
  /** The whole file: the comment and one `CREATE OR REPLACE FUNCTION`. */
  readonly text: string
}

/** @throws Error naming the file that does not define the one function that it is named after */
export async function readFunctionFiles(): Promise<SqlFunction[]> {
  const folder = join(import.meta.dir, 'functions')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      const name = file.slice(0, -'.sql'.length)
      if (definedName(text) !== name) throw new Error(`drizzle/functions/${file} does not define ${name}`)
      return { name, text }
    }),
  )
}

/** Returns the last definition of each function in the migrations, by name, without those that were dropped since. */
export async function readMigratedFunctions(): Promise<Map<string, string>> {
  const latest = new Map<string, string>()
  for (const { tag } of journal.entries) {
    const migration = await readFile(join(import.meta.dir, `${tag}.sql`), 'utf8')
    for (const statement of migration.split(BREAKPOINT)) {
      const defined = definedName(statement)
      const dropped = /^drop function (?:if exists )?(\w+)/i.exec(codeOf(statement))?.[1]
      if (defined !== null) latest.set(defined, statement)
      else if (dropped !== undefined) latest.delete(dropped)
    }
  }
  return latest
}

/**
 * Returns the statements that bring a database from the migrations' functions to the files'. A function whose parameters or
 * result changed is dropped first, since Postgres would otherwise keep both.
 */
export function migrationStatements(
  files: readonly SqlFunction[],
  migrated: ReadonlyMap<string, string>,
): string[] {
  const gone = [...migrated.keys()].filter((name) => !files.some((file) => file.name === name))
  const changed = files.filter(({ name, text }) => codeOf(text) !== codeOf(migrated.get(name) ?? ''))
  return [
    ...gone.map((name) => `DROP FUNCTION ${name};`),
    ...changed.flatMap(({ name, text }) => {
      const before = migrated.get(name)
      const replaces = before === undefined || signatureOf(before) === signatureOf(text)
      return [...(replaces ? [] : [`DROP FUNCTION ${name};`]), text.trimEnd()]
    }),
  ]
}

/** Returns the name of the function that a statement defines, or null. */
function definedName(statement: string): string | null {
  return /^create or replace function (\w+)/i.exec(codeOf(statement))?.[1] ?? null
}

/** Returns a statement without the comment above it. Migrations once said CREATE for what the files create or replace. */
function codeOf(statement: string): string {
  return statement
    .replace(/^(\s*--[^\n]*\n|\s+)+/, '')
    .trim()
    .replace(/^create function/i, 'CREATE OR REPLACE FUNCTION')
}

/** Returns everything before the language: name, parameters, result. */
function signatureOf(statement: string): string {
  return (codeOf(statement).split(/\blanguage\b/i)[0] ?? '').replaceAll(/\s+/g, ' ')
}
