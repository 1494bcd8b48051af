import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TemporaryFiles } from '../core/index.ts'
import { newKey } from './signer.ts'

export interface Temporary extends TemporaryFiles {
  /** Returns a path that no file has yet. The folder is made with the first. */
  newPath(): Promise<string>
  /** Removes files that nobody has written to for so long: those of nodes that were killed. */
  tidy(ageMs: number): Promise<void>
}

/** Keeps files in a folder until they are stored, on the same file system as the storage if that is a folder. */
export function openTemporary(folder: string): Temporary {
  return {
    async newPath() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return join(folder, newKey())
    },

    async discard(paths) {
      // A file that stays is removed by `tidy`.
      await Promise.all(paths.map((path) => rm(path, { force: true }).catch(() => undefined)))
    },

    async tidy(ageMs) {
      const names = await readdir(folder).catch(() => [])
      for (const name of names) await removeIfOld(join(folder, name), ageMs)
    },
  }
}

/** Removes a file that was last written to so long ago. One that has gone meanwhile is no failure. */
export async function removeIfOld(path: string, ageMs: number): Promise<void> {
  const at = await modifiedAt(path)
  if (at !== null && Date.now() - at >= ageMs) await rm(path, { force: true })
}

/** Returns the milliseconds since 1970; null if the file has gone. */
export async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    return null
  }
}
