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
