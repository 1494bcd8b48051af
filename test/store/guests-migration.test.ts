// Guests from before stays were kept: those who were left behind are found, and those who said nothing are used again.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import postgres from 'postgres'
import { migrate } from '../../src/store/connection/migrations.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { MIGRATIONS, migrationsBefore } from './migrations-before.ts'

let sql: Sql
let folder: string

beforeAll(async () => {
  sql = postgres(await (await sharedPostgres()).createDatabase(), { max: 1, onnotice: () => undefined })
  folder = await mkdtemp(join(tmpdir(), 'parley-migrations-'))
})
afterAll(async () => {
  await sql.end()
  await rm(folder, { recursive: true })
})

test('guests who are members count as connected until they give no sign of life; unused accounts are reusable', async () => {
  await migrate(sql, await migrationsBefore('guests', folder))
  const [room] = await sql`insert into rooms (name, kind) values ('lobby', 'public') returning id::int as id`
  const users = await sql<{ id: number; name: string }[]>`
    insert into users (username, username_key, kind)
    values ('left', 'left', 'guest'), ('silent', 'silent', 'guest'), ('spoke', 'spoke', 'guest'), ('ann', 'ann', 'person')
    returning id::int as id, username as name`
  const [left = 0, silent = 0, spoke = 0, ann = 0] = users.map(({ id }) => id)
  for (const id of [left, ann])
    await sql`insert into members (room_id, user_id, role) values (${room?.id}, ${id}, 'member')`
  for (const [seq, id] of [left, spoke, ann].entries()) {
    await sql`
      insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at)
      values (${room?.id}, ${seq + 1}, ${seq + 1}, ${id}, ${`key ${seq}`}, 'text', 'words', now())`
  }
  await migrate(sql, MIGRATIONS)
  const guests = await sql`
    select user_id::int as id, left_at is null as there, stay::int as stay, beats::int as beats from guests order by user_id`
  expect([...guests]).toEqual([
    { id: left, there: true, stay: 1, beats: 0 },
    { id: silent, there: false, stay: 1, beats: 0 },
  ])
})
