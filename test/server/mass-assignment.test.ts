import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { PASSWORD, register } from '../api/support/accounts-client.ts'
import { ask } from '../api/support/rest.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'

/** Every column there is, in both spellings, with a value that would show. */
const EXTRA = {
  id: 4_000_000,
  kind: 'private',
  creator: 4_000_000,
  creator_id: 4_000_000,
  creatorId: 4_000_000,
  role: 'owner',
  seq: 4_000_000,
  last_seq: 4_000_000,
  lastSeq: 4_000_000,
  version_seq: 4_000_000,
  member_count: 4_000_000,
  read_seq: 4_000_000,
  direct_low: 4_000_000,
  invited: [1],
  sender: 4_000_000,
  sender_id: 4_000_000,
  room_id: 4_000_000,
  roomId: 4_000_000,
  client_id: 'mine',
  reply_to: 4_000_000,
  password_hash: 'mine',
  passwordHash: 'mine',
  username_key: 'mine',
  is_staff: true,
  created_at: '1970-01-01T00:00:00Z',
  createdAt: '1970-01-01T00:00:00Z',
  updated_at: '1970-01-01T00:00:00Z',
  edited_at: '1970-01-01T00:00:00Z',
  deleted_at: '1970-01-01T00:00:00Z',
  expires_at: '2999-01-01T00:00:00Z',
}

/** Whole values only: a random token holds any few digits, but it is a word of its own, without a hyphen. */
const EXTRA_VALUE = /\b4000000\b|1970-01-01|2999-01-01|\bmine\b|private/

let app: TestApp
let sql: Sql

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1 })
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

test('extra fields do not change what is stored, on any route or frame that creates something', async () => {
  const v1 = v1Client(app)
  const user = await v1.user()
  const account = await register(app)
  const made = [
    await v1.call('POST', '/rooms', { json: { ...EXTRA, name: 'plain' }, token: user.token }),
    await v1.call('POST', '/users', { json: { ...EXTRA, username: 'plain' } }),
    await ask('POST', `${app.url}/api/auth/register`, {
      json: { ...EXTRA, username: 'plain2', password: PASSWORD },
    }),
    await ask('POST', `${app.url}/api/auth/login`, {
      json: { ...EXTRA, username: account.username, password: PASSWORD },
    }),
    await ask('POST', `${app.url}/api/auth/ticket`, { json: EXTRA, token: account.token }),
  ]
  expect(made.map(({ status }) => status)).toEqual([200, 200, 201, 200, 200])
  const room = await v1.room('another')
  const json = { ...EXTRA, content: 'over REST', user_id: user.id, type: 'text' }
  expect((await v1.call('POST', `/rooms/${room.id}/messages?kind=x&role=owner`, { json })).status).toBe(200)
  const { socket } = await v1.join(room, user)
  socket.send({ ...EXTRA, content: 'over the socket', user_id: user.id, type: 'text' })
  await socket.nextWhere(TextFrame, (frame) => frame.content === 'over the socket')
  await socket.close()

  const everything = await sql<{ row: string }[]>`
    select t::text as row from users t union all select t::text from rooms t union all select t::text from messages t
    union all select t::text from members t union all select t::text from tokens t
    union all select t::text from room_events t union all select t::text from invitations t`
  expect(everything.length).toBeGreaterThan(10)
  for (const { row } of everything) expect(row).not.toMatch(EXTRA_VALUE)
  for (const { text } of made) expect(text).not.toMatch(EXTRA_VALUE)

  // Who made the room owns it; whoever else came is a plain member.
  const roles = await sql<{ name: string; role: string }[]>`
    select r.name, m.role from members m join rooms r on r.id = m.room_id where r.name in ('plain', 'another') order by 1`
  expect(roles.map(({ name, role }) => [name, role])).toEqual([
    ['another', 'member'],
    ['plain', 'owner'],
  ])
})
