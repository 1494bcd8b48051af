import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChatError, type Contents, type Variant } from '../core/index.ts'
import { modifiedAt, type Temporary } from './temporary.ts'

export interface Folder extends Contents {
  /** Whether the folder was made by another installation, or by this one before its database was made anew. */
  readonly isForeign: boolean
}

/**
 * Stores contents in a folder: `ab/abcd….original` and `ab/abcd….thumbnail`, in 256 folders by the beginnings of their keys. Several
 * nodes may share it, on a file system on which a renaming is atomic.
 * @param installation a text that no other installation has. A folder that bears another one is used, and nothing unknown in it is removed
 * @param temporary on the same file system
 */
export async function openFolder(
  folder: string,
  installation: string,
  temporary: Pick<Temporary, 'tidy'>,
): Promise<Folder> {
  const marker = join(folder, 'installation')
  const found = await readFile(marker, 'utf8').catch(() => null)
  const isForeign = found !== null && found.trim() !== installation
  let isMarked = found !== null
  let shard = 0

  /** Says whose the folder is, before anything is in it. */
  async function mark(): Promise<void> {
    if (isMarked) return
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(marker, installation)
    isMarked = true
  }

  const pathOf = (key: string, variant: Variant) => join(folder, key.slice(0, 2), `${key}.${variant}`)

  return {
    isForeign,
    incoming: null,

    async put(key, original, thumbnail) {
      await within(async () => {
        await mark()
        const to = dirname(pathOf(key, 'original'))
        await mkdir(to, { recursive: true, mode: 0o700 })
        if (thumbnail !== null) await move(thumbnail, pathOf(key, 'thumbnail'))
        await move(original, pathOf(key, 'original'))
        await sync(to)
      })
    },

    async find(key, variant) {
      const path = pathOf(key, variant)
      const content = Bun.file(path)
      return (await content.exists()) ? { at: 'here', content } : null
    },

    async remove(keys) {
      await within(async () => {
        for (const key of keys) {
          await rm(pathOf(key, 'original'), { force: true })
          await rm(pathOf(key, 'thumbnail'), { force: true })
        }
      })
    },

    async sample(ageMs) {
      if (isForeign) return []
      const name = shard.toString(16).padStart(2, '0')
      shard = (shard + 1) % 256
      const names = await readdir(join(folder, name)).catch(() => [])
      const keys = new Set<string>()
      for (const each of names) {
        const at = await modifiedAt(join(folder, name, each))
        const [key] = each.split('.')
        if (key !== undefined && at !== null && Date.now() - at >= ageMs) keys.add(key)
      }
      return [...keys]
    },

    tidy: (ageMs) => temporary.tidy(ageMs),
  }
}

/** Moves a file so that after a loss of power it is either whole or not there. */
async function move(from: string, to: string): Promise<void> {
  await sync(from)
  await rename(from, to)
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function within(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const unavailable = new ChatError('unavailable', 'The storage for files is not available, try again', {
      retryAfterMs: 1000,
    })
    unavailable.cause = error
    throw unavailable
  }
}
