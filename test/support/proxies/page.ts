// The configuration that the page on balancers tells operators to use.
import { join } from 'node:path'
import { type MountPoint, pathOf } from './proxy-server.ts'

const PAGE = join(import.meta.dir, '../../../src/server/README.md')
/** The nodes' addresses in the page. */
const ADDRESSES = ['10.0.0.1:8000', '10.0.0.2:8000']

export interface Adapted {
  /** By their ports on loopback. */
  readonly nodes: readonly number[]
  readonly mount: MountPoint
  /** The line that a path below the host replaces. */
  readonly whole: string
  /** What is to be replaced by what. */
  readonly replace: Readonly<Record<string, string>>
}

/** Returns the page's configuration in a language, with this machine's addresses in the place of the page's. */
export async function configuration(
  language: string,
  { nodes, mount, whole, replace }: Adapted,
): Promise<string> {
  const [usual, below] = await blocks(language)
  let text = mount === 'host' ? usual : replaced(usual, `${whole}\n`, below)
  for (const [old, by] of Object.entries(replace)) text = replaced(text, old, by)
  for (const [index, address] of ADDRESSES.entries()) {
    text = replaced(text, address, `127.0.0.1:${nodes[index]}`)
  }
  return text
}

/** The page's two blocks in this language: for the whole host, and what is different below a path. */
async function blocks(language: string): Promise<readonly [string, string]> {
  const page = await Bun.file(PAGE).text()
  const found = page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))
  const [usual, below, ...more] = [...found].map(([, text = '']) => text)
  if (usual === undefined || below === undefined || more.length > 0) {
    throw new Error(`${PAGE} has not two blocks of ${language}`)
  }
  if (!below.includes(pathOf('path'))) throw new Error(`${PAGE} has another path for ${language}`)
  return [usual, below]
}

function replaced(text: string, old: string, by: string): string {
  if (!text.includes(old)) throw new Error(`the page's configuration has no ${old}`)
  return text.replaceAll(old, by)
}
