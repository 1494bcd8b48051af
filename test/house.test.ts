// Rules of this code base that neither the compiler nor the linter holds.
import { describe, expect, test } from 'bun:test'
import { join, sep } from 'node:path'
import manifest from '../package.json'
import { parseSources, readTree, type SourceFile } from './support/source-files.ts'

const ROOT = join(import.meta.dir, '..')
const MAX_LINES = 250

/** Files of src/ that a program wrote. */
const GENERATED: readonly string[] = ['src/core/text/tables.ts']

/** The one file that normalises what clients send, and a script that reads Unicode's own data. */
const NORMALIZES = ['src/core/text/folding.ts', 'src/unicode-tables.ts']

describe('the house rules', () => {
  const code = readTree()

  test(`no file in src/ has more than ${MAX_LINES} lines`, async () => {
    expect((await code).flatMap(tooLong)).toEqual([])
  })

  test('nothing has the type any, and no error is silenced', async () => {
    expect((await code).flatMap(untyped)).toEqual([])
  })

  test('text is normalised in one file, which checks its length first', async () => {
    expect((await code).flatMap(normalizing)).toEqual([])
  })

  test('input of clients is parsed in one file, which checks its depth first', async () => {
    expect((await code).flatMap(parsing)).toEqual([])
  })

  test('no test is skipped', async () => {
    expect((await code).flatMap(leftOut)).toEqual([])
  })

  test("no file names a folder of a developer's machine", async () => {
    const patterns = ['{src,test,drizzle,.ci}/**/*', '*']
    const files = await Promise.all(patterns.map(readTexts))
    expect(files.flat().flatMap((file) => machinePaths(file))).toEqual([])
  })

  test('every version in package.json is exact', () => {
    expect(looseVersions({ ...manifest.dependencies, ...manifest.devDependencies })).toEqual([])
    expect(manifest.packageManager).toMatch(/^bun@\d+\.\d+\.\d+$/)
  })
})

describe('the checks find', () => {
  const parse = async (text: string) => await parseSources({ 'src/a.ts': text })
  const dot = '.'

  test('long files', async () => {
    expect((await parse('\n'.repeat(MAX_LINES))).flatMap(tooLong)).toEqual([])
    expect((await parse('\n'.repeat(MAX_LINES + 1))).flatMap(tooLong)).toEqual(['src/a.ts has 251 lines'])
  })

  test.each([
    'let a: any',
    'let a = b as any',
    'let a: Array<Record<string, any>>',
    '// @ts-' + 'ignore',
    '/* @ts-' + 'nocheck */',
  ])('%s', async (text) => {
    expect((await parse(`\n${text}`)).flatMap(untyped)).toEqual(['src/a.ts:2'])
  })

  test('text that is normalised elsewhere', async () => {
    expect((await parse("\na.normalize('NFC')")).flatMap(normalizing)).toEqual(['src/a.ts:2'])
  })

  test('JSON that is parsed elsewhere', async () => {
    const at = (path: string) => parseSources({ [path]: '\nJSON.parse(a)' })
    expect((await at('src/api/a.ts')).flatMap(parsing)).toEqual(['src/api/a.ts:2'])
    expect((await at('src/client/a.ts')).flatMap(parsing)).toEqual([])
  })

  test.each(['test', 'describe', 'it'])('%s that is skipped', async (word) => {
    for (const way of ['skip', 'only', 'todo', 'skipIf', 'todoIf', 'failing', 'if']) {
      const text = `${word}${dot}${way}('a', () => {})`
      expect((await parse(text)).flatMap(leftOut)).toEqual(['src/a.ts:1'])
    }
  })

  test.each(['home/ann/parley', 'Users/ann/parley', 'root/parley'])('/%s', (path) => {
    expect(machinePaths({ path: 'a', text: `see "/${path}"` })).toEqual(['a:1'])
    expect(machinePaths({ path: 'a', text: `GET https://example.org/${path}` })).toEqual([])
  })

  test('the folder that this copy is in', () => {
    const file = { path: 'a', text: '\ncd /srv/ann/parley/src' }
    expect(machinePaths(file, '/srv/ann/parley')).toEqual(['a:2'])
    expect(machinePaths(file, '/parley')).toEqual([])
  })

  test('loose versions', () => {
    const versions = { a: '^1.2.3', b: '~1.2.3', c: '1.2', d: 'latest', e: '1.2.3', f: '1.2.3-beta.4' }
    expect(looseVersions(versions)).toEqual(['a ^1.2.3', 'b ~1.2.3', 'c 1.2', 'd latest'])
  })
})

function tooLong({ path, text }: SourceFile): string[] {
  const lines = text.split('\n').length - 1
  return path.startsWith('src/') && lines > MAX_LINES && !GENERATED.includes(path)
    ? [`${path} has ${lines} lines`]
    : []
}

function untyped({ path, text, anyLines }: SourceFile): string[] {
  return [
    ...anyLines.map((line) => `${path}:${line}`),
    ...linesWith(path, text, /@ts-(ignore|nocheck|expect-error)/),
  ]
}

/** Its time grows with the square of what it is given. */
function normalizing({ path, text }: SourceFile): string[] {
  const may = !path.startsWith('src/') || NORMALIZES.includes(path)
  return may ? [] : linesWith(path, text, '.normalize(')
}

/** The logger's own lines are no client's. */
function parsing({ path, text }: SourceFile): string[] {
  const may =
    !/^src\/(api|server)\//.test(path) || /^src\/server\/(http\/body\/json|observe\/logger)\.ts$/.test(path)
  return may ? [] : linesWith(path, text, 'JSON.parse(')
}

function leftOut({ path, text }: SourceFile): string[] {
  return linesWith(path, text, /\b(test|it|describe)(\.\w+)*\.(skip|only|todo|failing|if|skipIf|todoIf)\b/)
}

/** @param root where this copy is; one at the top of the file system, as in a container, says nothing of a machine */
function machinePaths({ path, text }: { path: string; text: string }, root = ROOT): string[] {
  const here = root.split(sep).length > 2 ? [`${root}${sep}`] : []
  const patterns = [/(?<![\w.~$}-])\/(home|Users|root)\/\w/, ...here]
  return [...new Set(patterns.flatMap((pattern) => linesWith(path, text, pattern)))]
}

function linesWith(path: string, text: string, pattern: RegExp | string): string[] {
  return text.split('\n').flatMap((line, i) => (has(line, pattern) ? [`${path}:${i + 1}`] : []))
}

function has(line: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)
}

function looseVersions(versions: Record<string, string>): string[] {
  const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/
  return Object.entries(versions).flatMap(([name, version]) =>
    exact.test(version) ? [] : [`${name} ${version}`],
  )
}

async function readTexts(pattern: string): Promise<{ path: string; text: string }[]> {
  const found = await Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: ROOT, dot: true, onlyFiles: true }))
  const paths = found.filter((path) => path !== '.env' && !path.endsWith('.log'))
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Bun.file(join(ROOT, path)).text() })),
  )
}
