// The rules for imports in src/, and their check.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import type { Import, SourceFile } from './source-files.ts'

/**
 * What each part may import besides itself. `type x` allows only `import type`. A package is allowed with all its
 * exports; `runtime` is Bun and Node.
 */
const RULES: Record<string, Rule> = {
  core: { parts: [], packages: [] },
  store: {
    parts: ['core', 'type config'],
    packages: [
      'runtime',
      'drizzle-orm',
      'postgres',
      '@electric-sql/pglite',
      '@electric-sql/pglite-prepopulatedfs',
      '@electric-sql/pglite-socket',
    ],
  },
  cluster: { parts: ['core'], packages: ['runtime', 'ioredis', 'lru-cache'] },
  files: { parts: ['core', 'type config'], packages: ['runtime', 'file-type'] },
  server: {
    parts: ['core', 'type config', '../package.json'],
    packages: [
      'runtime',
      'elysia',
      '@elysiajs/swagger',
      '@sinclair/typebox',
      'busboy',
      'forwarded-parse',
      'ipaddr.js',
      'selfsigned',
      'lru-cache',
      'pino',
    ],
  },
  'api/shared': { parts: ['core', 'server'], packages: ['elysia', '@sinclair/typebox'] },
  'api/*': { parts: ['core', 'server', 'api/shared'], packages: ['elysia', '@sinclair/typebox'] },
  client: { parts: ['type api/v2'], packages: [] },
  web: { parts: ['client'], packages: [] },
  config: { parts: [], packages: ['runtime', 'ipaddr.js', 'fastest-levenshtein'] },
  app: {
    parts: [
      'core',
      'store',
      'cluster',
      'files',
      'server',
      'api/shared',
      'api/*',
      'web',
      'config',
      '../package.json',
    ],
    packages: ['runtime', 'elysia'],
  },
  main: { parts: ['app', 'config', 'server'], packages: [] },
  'a script': { parts: ['config', 'core', 'store', 'server'], packages: ['runtime'] },
}

/** Parts that run in any JavaScript engine, and so use neither Bun's nor Node's globals. */
const PORTABLE = ['core', 'client', 'web']

/** Programs besides the scripts: only these may use `process`. The worker is a program that runs in a thread. */
const PROGRAMS = ['main.ts', 'store/embedded/worker.ts', 'files/examine/program.ts']

/** Folders that get only the core's use cases, and nothing below them. */
const ABOVE_USE_CASES = ['api/', 'server/sockets/']
/** Names below the use cases: code that had them could bypass a limit, or announce events that did not happen. */
const BELOW_USE_CASES = [
  'Committer',
  'Core',
  'createCore',
  'createPresence',
  'Epochs',
  'FanOut',
  'Feed',
  'FeedRoom',
  'PacedSignals',
  'pacedSignals',
  'Presence',
  'RoomPresence',
  'SendBudget',
  'Signals',
  'Store',
  'UserPresence',
]

/** @param path relative to src/, as all paths here */
export function forbiddenImports(path: string, imports: readonly Import[]): string[] {
  const part = partOf(path)
  const rule = RULES[rowOf(part)]
  if (!rule) return [`${path}: no rule says what ${part} may import`]
  return imports
    .filter(({ specifier, typeOnly }) => {
      if (!specifier.startsWith('.')) return !rule.packages.includes(packageOf(specifier))
      const target = partOf(posix.join(posix.dirname(path), specifier))
      const names = [rowOf(target), ...(typeOnly ? [`type ${target}`] : [])]
      return target !== part && !names.some((name) => rule.parts.includes(name))
    })
    .map(({ specifier, typeOnly }) => `${path} imports ${typeOnly ? 'type ' : ''}${specifier}`)
}

/**
 * Returns the import cycles among the files, one line each, type-only imports included.
 * @param files with paths relative to one root
 */
export function importCycles(files: readonly Pick<SourceFile, 'path' | 'imports'>[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start !== -1) cycles.push([...trail.slice(start), path].join(' → '))
    if (start !== -1 || done.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return cycles
}

/** Returns the forbidden names that a file imports from the core. A contract's own things may have such names. */
export function forbiddenNames({ path, identifiers, imports }: SourceFile): string[] {
  const fromCore = imports.some(
    ({ specifier }) => partOf(posix.join(posix.dirname(path), specifier)) === 'core',
  )
  if (!fromCore || !ABOVE_USE_CASES.some((folder) => path.startsWith(folder))) return []
  return BELOW_USE_CASES.filter((name) => identifiers.has(name)).map((name) => `${path} uses ${name}`)
}

export function forbiddenGlobals({ path, identifiers, imports }: SourceFile): string[] {
  const isScript = rowOf(partOf(path)) === 'a script'
  const importsProcess = imports.some(({ specifier }) => /^(node:)?process$/.test(specifier))
  const usesProcess = importsProcess || identifiers.has('process')
  return [
    ...(usesProcess && !isScript && !PROGRAMS.includes(path) ? [`${path} uses process`] : []),
    ...(identifiers.has('Bun') && PORTABLE.includes(partOf(path)) ? [`${path} uses Bun`] : []),
  ]
}

/**
 * Every folder has an `index.ts`, or a file beside the folder that has its name, and that opens with a comment; if the folder
 * is a part of its own, the comment says what it imports.
 */
export function missingHeaders(files: readonly Pick<SourceFile, 'path' | 'text'>[]): string[] {
  const folders = new Set(files.map(({ path }) => posix.dirname(path)).filter((folder) => folder !== '.'))
  return [...folders].flatMap((folder) => {
    const index = files.find(({ path }) => path === `${folder}/index.ts` || path === `${folder}.ts`)
    if (!index) return [`${folder} has no index.ts`]
    const comment = /^\s*(\/\*.*?\*\/|(\/\/[^\n]*\n)+)/s.exec(index.text)?.[0]
    if (comment === undefined) return [`${index.path} does not open with a comment on what the folder is for`]
    const isPart = partOf(`${folder}/index.ts`) === folder
    return isPart && !/\bimports?\b/i.test(comment)
      ? [`${index.path} does not say what the folder may import`]
      : []
  })
}

/**
 * A part is a folder of src/, a contract's folder of src/api/, or a file at the top, together with the folder of its name.
 * Outside src/, every file is one.
 */
function partOf(path: string): string {
  const [first = '', second] = path.split('/')
  if (first === '..') return path
  if (first === 'api' && second !== undefined) return `api/${second}`
  const name = first.replace(/\.ts$/, '')
  return name in RULES ? name : first
}

/** Returns the row of the table for a part. */
function rowOf(part: string): string {
  if (part in RULES) return part
  if (part.startsWith('api/')) return 'api/*'
  return /^[^/]+\.ts$/.test(part) ? 'a script' : part
}

function packageOf(specifier: string): string {
  if (/^(node|bun):|^bun$/.test(specifier) || builtinModules.includes(specifier)) return 'runtime'
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

interface Rule {
  parts: readonly string[]
  packages: readonly string[]
}
