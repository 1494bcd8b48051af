// The SQL functions of a migrated database are those of drizzle/functions/, and released migrations never change.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import {
  migrationStatements,
  readFunctionFiles,
  readMigratedFunctions,
} from '../../drizzle/function-files.ts'
import journal from '../../drizzle/meta/_journal.json'
import { released } from '../../drizzle/released.ts'
import { ChatError, WriteConflict } from '../../src/core/index.ts'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { codeOf } from '../../src/store/connection/failure.ts'
import {
  guarded,
  NEEDS_CARE,
  ROOM_GONE,
  STALE_FACTS,
  TARGET_BANNED,
  UNIQUE_VIOLATION,
  WAS_REMOVED,
} from '../../src/store/connection/guard.ts'
import { migrate, oldestBuild } from '../../src/store/connection/migrations.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { sqlType, type Type, type Types } from '../../src/store/functions/declare.ts'
import { declarations } from '../../src/store/functions/index.ts'
import { makeEmbeddedFolder } from '../support/embedded-folder.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

setDefaultTimeout(120_000)

const OPTIONS = { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 10_000 }
const MIGRATIONS = join(import.meta.dir, '../../drizzle')

/** Returns each function's definition as the database prints it. */
async function definitions(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; definition: string }[]>`
    select proname::text as name, pg_get_functiondef(oid) as definition from pg_proc
    where proname like 'parley\_%' order by proname`
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  return Object.fromEntries(rows.map(({ name, definition }) => [name, definition]))
}

function suite(open: () => Promise<Sql>): void {
  let sql: Sql

  beforeAll(async () => {
    sql = await open()
    await migrate(sql, MIGRATIONS)
  })

  test('a migrated database has the functions of the files, and no other', async () => {
    const migrated = await definitions(sql)
    const files = await readFunctionFiles()
    expect(Object.keys(migrated)).toEqual(files.map(({ name }) => name))
    for (const { text } of files) await sql.unsafe(text)
    expect(await definitions(sql)).toEqual(migrated)
  })

  test('the declared parameters and columns are those of the database, in its order', async () => {
    const found = await signatures(sql)
    for (const name of CALLED_FROM_SQL) expect(found).toContainKey(name)
    const called = Object.entries(found).filter(([name]) => !CALLED_FROM_SQL.includes(name))
    const declared = declarations.map(({ name, parameters, columns }) => [
      name,
      { parameters: listed(parameters), columns: listed(columns) },
    ])
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(called))
  })
}

/** Functions that only other statements call: `src/store/functions/` does not declare them. */
const CALLED_FROM_SQL = [
  // Nodes of versions before call these.
  'parley_append',
  'parley_append_batch',
  'parley_append_carefully',
  'parley_begin_following',
  'parley_claim_attachments',
  'parley_count_blocks',
  'parley_describe',
  'parley_count_saved',
  'parley_end_private',
  'parley_expect',
  'parley_find_room',
  'parley_lock',
  'parley_lock_private',
  'parley_mentions',
  'parley_message_from',
  'parley_note_mark',
  'parley_note_memberships',
  'parley_note_mentions',
  'parley_numbered',
  'parley_reactions',
  'parley_reply',
  'parley_revise',
  'parley_set_private',
  'parley_search',
  'parley_search_docs',
  'parley_search_mark',
  'parley_root',
  'parley_thread',
  'parley_thread_unread',
  'parley_unread',
  'parley_unread_all',
  'parley_unreply',
  'parley_blocked',
  'parley_expect_unblocked',
  'parley_expect_voice',
  'parley_pair_lock',
  'parley_take_turn',
  'parley_voice',
]

function listed(types: Types): string[] {
  return Object.entries<Type>(types).map(([name, type]) => `${name} ${sqlType(type)}`)
}

/** Returns the parameters and columns of each function as `pg_proc` has them. */
async function signatures(sql: Sql): Promise<Record<string, { parameters: string[]; columns: string[] }>> {
  const rows = await sql<{ function: string; mode: string; name: string; type: string }[]>`
    select p.proname::text as function, coalesce(p.proargmodes[a.place]::text, 'i') as mode,
      coalesce(p.proargnames[a.place], '') as name, format_type(a.type, null) as type
    from pg_proc p cross join unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as a(type, place)
    where p.proname like 'parley\_%' order by p.proname, a.place`
  const found: Record<string, { parameters: string[]; columns: string[] }> = {}
  for (const { function: of, mode, name, type } of rows) {
    found[of] ??= { parameters: [], columns: [] }
    const short = type.replace('timestamp with time zone', 'timestamptz').replace('integer', 'int')
    if (mode === 'i') found[of].parameters.push(`${name.replace(/^p_/, '')} ${short}`)
    else found[of].columns.push(`${name} ${short}`)
  }
  return found
}

describe('an error that a function raises', () => {
  test('is told in the core’s terms, or handled by the one statement that can raise it', async () => {
    const files = await readFunctionFiles()
    const codes = files.flatMap(({ text }) =>
      [...text.matchAll(/ERRCODE = '(\w+)'/g)].map(([, code]) => code),
    )
    const told = await Promise.all([...new Set(codes)].sort().map(async (code) => [code, await toldOf(code)]))
    expect(Object.fromEntries(told)).toEqual({
      [UNIQUE_VIOLATION]: UNIQUE_VIOLATION,
      [STALE_FACTS]: 'WriteConflict',
      [ROOM_GONE]: 'not_found',
      [NEEDS_CARE]: 'conflict',
      [WAS_REMOVED]: 'forbidden',
      PA011: 'forbidden, muted',
      PA012: 'forbidden, posting_restricted',
      PA013: 'forbidden, blocked',
      PA014: 'forbidden, banned',
      [TARGET_BANNED]: 'forbidden',
    })
  })

  test('is a conflict if a newer schema has added it', async () => {
    expect(await toldOf('PA099')).toBe('conflict')
  })
})

/** Returns the kind of the core's error that a database's error becomes, or the code if it stays as it is. */
async function toldOf(code = ''): Promise<string> {
  const nothing = () => undefined
  const health = { succeeded: nothing, failed: nothing, closed: nothing }
  const guard = guarded({ timeoutMs: 1000, onLate: nothing, onStale: nothing, health })
  const error: unknown = await guard(() =>
    Promise.reject(Object.assign(new Error('raised'), { code })),
  ).catch((thrown: unknown) => thrown)
  if (error instanceof ChatError)
    return [error.kind, ...(error.restraint === null ? [] : [error.restraint])].join(', ')
  return error instanceof WriteConflict ? error.name : String(codeOf(error))
}

describe('on Postgres', () => {
  suite(async () => {
    const url = await (await sharedPostgres()).createDatabase()
    const { sql, close } = connectDatabase({ ...OPTIONS, url })
    closers.push(close)
    return sql
  })
})

describe('on the embedded database', () => {
  suite(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-functions-'))
    const dataDir = join(folder, 'data')
    await makeEmbeddedFolder(dataDir)
    const embedded = await startEmbedded({ dataDir, onCrash: fail })
    const { sql, close } = connectDatabase(OPTIONS, embedded.connection)
    closers.push(async () => {
      await close()
      await embedded.close()
      rmSync(folder, { recursive: true, force: true })
    })
    return sql
  })
})

const closers: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const close of closers) await close()
})

function fail(error: Error): never {
  throw error
}

describe('the migration that `bun run generate` writes', () => {
  let files: Awaited<ReturnType<typeof readFunctionFiles>>
  let migrated: Map<string, string>

  beforeAll(async () => {
    files = await readFunctionFiles()
    migrated = await readMigratedFunctions()
  })

  test('is empty: the migrations define what the files contain', () => {
    expect(migrationStatements(files, migrated)).toEqual([])
  })

  test('replaces a function whose body changed', () => {
    const changed = files.map((file) =>
      file.name === 'parley_lock' ? { ...file, text: file.text.replace('the room is gone', 'gone') } : file,
    )
    expect(migrationStatements(changed, migrated)).toEqual([
      changed.find(({ name }) => name === 'parley_lock')?.text.trimEnd() ?? '',
    ])
  })

  test('first drops a function whose parameters changed, and one whose file is gone', () => {
    const changed = files.flatMap((file) => {
      if (file.name === 'parley_expect') return []
      return [
        file.name === 'parley_lock'
          ? { ...file, text: file.text.replace('p_room bigint', 'p_room int') }
          : file,
      ]
    })
    expect(migrationStatements(changed, migrated)).toEqual([
      'DROP FUNCTION parley_expect;',
      'DROP FUNCTION parley_lock;',
      changed.find(({ name }) => name === 'parley_lock')?.text.trimEnd() ?? '',
    ])
  })

  test('is empty when only a comment changed', () => {
    const changed = files.map((file) => ({ ...file, text: `-- Another comment.\n${file.text}` }))
    expect(migrationStatements(changed, migrated)).toEqual([])
  })
})

describe('released migrations', () => {
  test.each(Object.entries(released))('%s has not changed', async (tag, hash) => {
    const text = await Bun.file(join(MIGRATIONS, `${tag}.sql`)).text()
    expect(new Bun.CryptoHasher('sha256').update(text).digest('hex')).toBe(hash)
  })

  test('come first in the journal', () => {
    const tags = Object.keys(released)
    expect(journal.entries.slice(0, tags.length).map(({ tag }) => tag)).toEqual(tags)
  })
})

test('a migration that names the oldest build which runs with it names an earlier one', async () => {
  for (const { idx, tag } of journal.entries) {
    const [first = '', ...rest] = (await Bun.file(join(MIGRATIONS, `${tag}.sql`)).text()).split('\n')
    const oldest = oldestBuild([`${first}\n`])
    if (oldest !== null) expect(oldest).toBeLessThan(idx)
    // Elsewhere, or in other words, it would not be read.
    else expect(first).not.toMatch(/oldest.*build/i)
    expect(rest.join('\n')).not.toMatch(/^-- oldest build:/im)
  }
})

/** Each build from this one on runs with the newest schema. A migration that older builds cannot run with moves it. */
const WINDOW_BEGINS = 17

test('every migration within the window says with which builds it runs', async () => {
  const since = journal.entries.filter(({ idx }) => idx > WINDOW_BEGINS)
  expect(since.length).toBeGreaterThan(0)
  const oldest = await Promise.all(
    since.map(async ({ tag }) => [tag, oldestBuild([await Bun.file(join(MIGRATIONS, `${tag}.sql`)).text()])]),
  )
  expect(oldest.filter(([, build]) => build === null || Number(build) > WINDOW_BEGINS)).toEqual([])
})
