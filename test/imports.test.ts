import { describe, expect, test } from 'bun:test'
import type { Chat } from '../src/core/index.ts'
import type { Server } from '../src/server/index.ts'
import {
  forbiddenGlobals,
  forbiddenImports,
  forbiddenNames,
  importCycles,
  missingHeaders,
} from './support/architecture.ts'
import { parseSources, readTree } from './support/source-files.ts'

describe('src/', () => {
  const sources = readTree().then((files) =>
    files
      .filter(({ path }) => path.startsWith('src/'))
      .map((file) => ({ ...file, path: file.path.slice('src/'.length) })),
  )

  test('imports only along the arrows of the architecture', async () => {
    const files = await sources
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap(({ path, imports }) => forbiddenImports(path, imports))).toEqual([])
  })

  test('uses process only in programs, and Bun in nothing portable', async () => {
    expect((await sources).flatMap(forbiddenGlobals)).toEqual([])
  })

  test('gives contracts and sockets only the use cases', async () => {
    expect((await sources).flatMap(forbiddenNames)).toEqual([])
    type Below = 'feed' | 'signals' | 'presence' | 'roomPresence' | 'budget' | 'epochs' | 'store' | 'core'
    const isOutOfReach: [Extract<keyof Chat | keyof Server, Below>] extends [never] ? true : false = true
    expect(isOutOfReach).toBeTrue()
  })

  test('has in every folder a comment on its purpose, and in every part one on its imports', async () => {
    expect(missingHeaders(await sources)).toEqual([])
  })
})

test('there is no import cycle in src and test', async () => {
  expect(importCycles(await readTree())).toEqual([])
})

describe('the check of cycles', () => {
  const cyclesOf = async (texts: Record<string, string>) => importCycles(await parseSources(texts))

  test('finds one through several files, also if only types are imported', async () => {
    const texts = {
      'a/one.ts': "import { two } from './two.ts'",
      'a/two.ts': "import type { Three } from '../b/three.ts'",
      'b/three.ts': "export * from '../a/one.ts'",
    }
    expect(await cyclesOf(texts)).toEqual(['a/one.ts → a/two.ts → b/three.ts → a/one.ts'])
  })

  test('lets two files import a third', async () => {
    const texts = { 'a.ts': "import './c.ts'\nimport './b.ts'", 'b.ts': "import './c.ts'", 'c.ts': '' }
    expect(await cyclesOf(texts)).toEqual([])
  })
})

describe('the check of imports', () => {
  test.each([
    ['core/chat.ts', './model.ts'],
    ['store/embedded/worker.ts', '../../core/index.ts'],
    ['store/index.ts', 'drizzle-orm/postgres-js'],
    ['store/index.ts', '@electric-sql/pglite/nodefs'],
    ['store/index.ts', 'bun:sqlite'],
    ['cluster/redis.ts', 'ioredis'],
    ['server/index.ts', '../core/index.ts'],
    ['server/index.ts', '../../package.json'],
    ['api/v1/index.ts', './frames.ts'],
    ['api/v1/index.ts', '../shared/index.ts'],
    ['api/v1/index.ts', '../../server/index.ts'],
    ['api/shared/time.ts', '../../core/index.ts'],
    ['client/index.ts', './socket.ts'],
    ['web/app.ts', '../client/index.ts'],
    ['config/table.ts', '../config.ts'],
    ['app.ts', './api/v1/index.ts'],
    ['app.ts', './cluster/index.ts'],
    ['main.ts', './app.ts'],
    ['migrate.ts', './store/index.ts'],
  ])('lets %s import %s', (path, specifier) => {
    expect(forbiddenImports(path, [{ specifier, typeOnly: false }])).toEqual([])
  })

  test.each([
    ['core/chat.ts', '../store/index.ts'],
    ['core/chat.ts', '../server/index.ts'],
    ['core/chat.ts', '../cluster/index.ts'],
    ['core/chat.ts', '../config.ts'],
    ['core/chat.ts', 'elysia'],
    ['core/chat.ts', 'core'],
    ['core/chat.ts', 'bun'],
    ['core/chat.ts', 'node:crypto'],
    ['core/chat.ts', 'crypto'],
    ['core/chat.ts', '(computed)'],
    ['core/chat.ts', '../../test/support/until.ts'],
    ['store/index.ts', '../server/index.ts'],
    ['store/index.ts', '../cluster/index.ts'],
    ['store/index.ts', '../api/v1/index.ts'],
    ['store/index.ts', 'ioredis'],
    ['cluster/redis.ts', '../store/index.ts'],
    ['cluster/redis.ts', '../server/index.ts'],
    ['cluster/redis.ts', '../api/shared/index.ts'],
    ['cluster/redis.ts', 'postgres'],
    ['server/index.ts', '../store/index.ts'],
    ['server/index.ts', '../cluster/index.ts'],
    ['server/index.ts', '../api/shared/index.ts'],
    ['server/index.ts', 'drizzle-orm'],
    ['api/v1/index.ts', '../groups/index.ts'],
    ['api/v1/index.ts', '../../store/index.ts'],
    ['api/v1/index.ts', '../../cluster/index.ts'],
    ['api/v1/index.ts', '../../app.ts'],
    ['api/v1/index.ts', 'postgres'],
    ['api/shared/time.ts', '../v1/index.ts'],
    ['api/shared/time.ts', '../../store/index.ts'],
    ['client/index.ts', '../core/index.ts'],
    ['client/index.ts', 'node:net'],
    ['web/app.ts', '../server/index.ts'],
    ['web/app.ts', '../core/index.ts'],
    ['config.ts', './server/index.ts'],
    ['migrate.ts', './app.ts'],
    ['server/index.ts', '../main.ts'],
    ['app.ts', './main.ts'],
    ['main.ts', './store/index.ts'],
    ['attic/old.ts', '../core/index.ts'],
  ])('stops %s from importing %s, even only for its types', (path, specifier) => {
    for (const typeOnly of [false, true]) {
      expect(forbiddenImports(path, [{ specifier, typeOnly }])).toHaveLength(1)
    }
  })

  test.each(['store/index.ts', 'server/logger.ts'])(
    'lets %s import the types of the configuration, but not its code',
    (path) => {
      const specifier = '../config.ts'
      expect(forbiddenImports(path, [{ specifier, typeOnly: true }])).toEqual([])
      expect(forbiddenImports(path, [{ specifier, typeOnly: false }])).toEqual([
        `${path} imports ${specifier}`,
      ])
    },
  )

  test('finds every kind of import, and ignores strings and comments', async () => {
    const text = `
      // import './comment.ts'
      import './bare.ts'
      import a, { type B } from './value.ts'
      import type { C } from './type.ts'
      export { d } from './export.ts'
      export type * from './export-type.ts'
      type E = import('./inline-type.ts').E
      const f = await import('./dynamic.ts')
      const g = await import('./' + a)
      const h = "import './string.ts'"
      import legacy = require('legacy')
    `
    const [file] = await parseSources({ 'a.ts': text })
    expect(
      file?.imports.map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`).sort(),
    ).toEqual([
      '(computed)',
      './bare.ts',
      './dynamic.ts',
      './export-type.ts type',
      './export.ts',
      './inline-type.ts type',
      './type.ts type',
      './value.ts',
      'legacy',
    ])
  })
})

describe('the check of names', () => {
  const names = async (path: string, text: string) =>
    (await parseSources({ [path]: text })).flatMap(forbiddenNames)

  test.each([
    "import { Feed } from '../../core/index.ts'",
    "import { type FeedRoom as Room } from '../../core/index.ts'",
    "let budget: import('../../core/index.ts').SendBudget",
    "import type * as core from '../../core/index.ts'\nfunction hear({ publish }: core.Signals) {}",
  ])('sees %s in a contract or a socket, and nowhere else', async (text) => {
    for (const path of ['api/v1/a.ts', 'api/shared/a.ts', 'server/sockets/a.ts'])
      expect(await names(path, text)).toHaveLength(1)
    for (const path of ['core/a.ts', 'server/a.ts', 'app/a.ts']) expect(await names(path, text)).toEqual([])
  })
})

describe('the check of globals', () => {
  const globals = async (path: string, text: string) =>
    (await parseSources({ [path]: text })).flatMap(forbiddenGlobals)

  test.each([
    'process.exit(1)',
    'globalThis.process.env',
    "process['env']",
    "import { env } from 'node:process'",
    "import 'process'",
  ])('sees %s', async (text) => {
    expect(await globals('server/index.ts', text)).toEqual(['server/index.ts uses process'])
    expect(await globals('main.ts', text)).toEqual([])
    expect(await globals('migrate.ts', text)).toEqual([])
  })

  test('ignores process in a member, a comment or a string', async () => {
    expect(
      await globals('core/a.ts', "queue.process() // process.exit\nconst a = { process: 'process' }"),
    ).toEqual([])
  })

  test.each(['core', 'client', 'web'])('sees Bun in %s', async (part) => {
    expect(await globals(`${part}/a.ts`, 'Bun.hash(1)')).toEqual([`${part}/a.ts uses Bun`])
    expect(await globals('server/a.ts', 'Bun.hash(1)')).toEqual([])
  })
})

describe('the check of headers', () => {
  const header = '/*\n * What this is.\n *\n * Imports nothing.\n */\n'

  test('accepts a comment at the top of index.ts or of the file with the folder’s name', () => {
    expect(missingHeaders([{ path: 'core/index.ts', text: `${header}export {}` }])).toEqual([])
    expect(missingHeaders([{ path: 'api/v1/index.ts', text: '// Imports core.\nexport {}' }])).toEqual([])
    const config = { path: 'config.ts', text: header }
    expect(missingHeaders([config, { path: 'config/table.ts', text: '' }])).toEqual([])
  })

  test('requires a comment on imports in a part, but not in a folder inside a part', () => {
    const text = '/* What this is. */\n'
    expect(missingHeaders([{ path: 'store/index.ts', text }])).toEqual([
      'store/index.ts does not say what the folder may import',
    ])
    expect(missingHeaders([{ path: 'store/embedded/index.ts', text }])).toEqual([])
  })

  test.each(["import './a.ts'\n/* Imports. */", 'export {}', ''])(
    'reports the missing comment in %j',
    (text) => {
      expect(missingHeaders([{ path: 'core/index.ts', text }])).toEqual([
        'core/index.ts does not open with a comment on what the folder is for',
      ])
    },
  )

  test('reports a missing index', () => {
    expect(missingHeaders([{ path: 'core/chat.ts', text: header }])).toEqual(['core has no index.ts'])
  })
})
