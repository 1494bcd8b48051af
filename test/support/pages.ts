import { join } from 'node:path'

const ROOT = join(import.meta.dir, '../..')
/** One by one: Bun finds nothing by a choice of patterns of different depths. */
const PAGES = ['*.md', '.github/**/*.md', 'src/**/*.md', 'test/**/*.md']

export interface Page {
  /** Relative to the repository. */
  readonly path: string
  readonly text: string
}

/** Returns the pages of this repository, by path. */
export async function readPages(): Promise<Page[]> {
  const found = await Promise.all(
    PAGES.map((pattern) => Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: ROOT, dot: true }))),
  )
  const paths = [...new Set(found.flat())].sort()
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Bun.file(join(ROOT, path)).text() })),
  )
}
