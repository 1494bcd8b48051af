import { expect } from 'bun:test'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'

/** All of them, as they are. */
export const MIGRATIONS = join(import.meta.dir, '../../drizzle')

/**
 * Copies the migrations that come before one into a folder, to make a database as the version before it had.
 * @param name of the migration, without its number
 */
export async function migrationsBefore(name: string, folder: string): Promise<string> {
  await cp(MIGRATIONS, folder, { recursive: true })
  const file = join(folder, 'meta/_journal.json')
  const journal: { entries: { tag: string }[] } = await Bun.file(file).json()
  const at = journal.entries.findIndex(({ tag }) => tag.endsWith(`_${name}`))
  expect(at).toBeGreaterThan(0)
  await Bun.write(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, at) }))
  return folder
}

/**
 * Copies the migrations into a folder and adds one, as the next version may have it.
 * @param sql the migration's text, in which NEWEST stands for the number of the newest migration before it
 * @param from where the migrations are; those of the project if it is left out
 * @returns that number
 */
export async function migrationAfter(folder: string, sql: string, from = MIGRATIONS): Promise<number> {
  if (folder !== from) await cp(from, folder, { recursive: true })
  const file = join(folder, 'meta/_journal.json')
  const journal: { entries: { idx: number; when: number; tag: string }[] } = await Bun.file(file).json()
  const newest = journal.entries.at(-1)
  if (newest === undefined) throw new Error('there are no migrations')
  const idx = newest.idx + 1
  const added = { ...newest, idx, when: newest.when + 1, tag: `${String(idx).padStart(4, '0')}_next` }
  await Bun.write(join(folder, `${added.tag}.sql`), sql.replace('NEWEST', String(newest.idx)))
  await Bun.write(file, JSON.stringify({ ...journal, entries: [...journal.entries, added] }))
  return newest.idx
}
