import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { Message, RevisionPage } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let sql: Sql
let owner: Person
let author: Person
let member: Person
let room: RoomId
let message: number

beforeAll(async () => {
  app = await startApp({ REVISIONS_KEPT: '3' })
  sql = postgres(app.databaseUrl, { max: 1 })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  author = await person(app, 'author')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [author, member])
  message = await say(app, room, author, 'former words one')
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

const path = (where: number = room, seq = message) => `/rooms/${where}/messages/${seq}`
const edit = async (who: Person, body: string, more = {}, at = path()) =>
  bodyOf(await call(app, who, 'PATCH', at, { body, ...more }), 200, Message)
const revisions = (who: Person, query = '', at = path()) => call(app, who, 'GET', `${at}/revisions${query}`)

/** Every row of every table that has the words, as text. */
async function tablesWith(words: string): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`
  expect(tables.length).toBeGreaterThan(15)
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await sql`select 1 from ${sql(name)} t where strpos(t::text, ${words}) > 0 limit 1`
      return row === undefined ? [] : name
    }),
  )
  return found.flat()
}

describe('what a message said before', () => {
  test('is shown to its sender and the staff, oldest first and in pages', async () => {
    const second = await edit(author, 'former words two', { metadata: { form: 2 } })
    const third = await edit(author, 'words three', { metadata: null })
    const items = [
      {
        version: message,
        body: 'former words one',
        at: second.created_at,
        replaced_at: second.edited_at ?? '',
      },
      {
        version: second.version ?? 0,
        body: 'former words two',
        metadata: { form: 2 },
        at: second.edited_at ?? '',
        replaced_at: third.edited_at ?? '',
      },
    ]
    for (const who of [author, owner])
      expect(bodyOf(await revisions(who), 200, RevisionPage)).toEqual({ items, next: null })
    const first = bodyOf(await revisions(owner, '?limit=1'), 200, RevisionPage)
    expect(first.items).toEqual(items.slice(0, 1))
    const next = bodyOf(await revisions(owner, `?cursor=${first.next}`), 200, RevisionPage)
    expect(next).toEqual({ items: items.slice(1), next: null })
    for (let n = 4; n < 9; n++) await edit(author, `words ${n}`)
    const latest = bodyOf(await revisions(owner), 200, RevisionPage).items.map(({ body }) => body)
    expect(latest).toEqual(['words 5', 'words 6', 'words 7'])
  })

  test('is shown to nobody else', async () => {
    await edit(author, 'other words')
    expectProblem(await revisions(member), 403, 'forbidden')
    expectProblem(await revisions(await person(app)), 404, 'not_found')
    await app.chat.membership.remove({ id: room }, owner, author.id)
    expectProblem(await revisions(author), 404, 'not_found')
    expectProblem(await revisions(owner, '?cursor=nonsense'), 400, 'invalid')
    expectProblem(await revisions(owner, '', path(room, 999)), 404, 'not_found')
    const direct = await makeDirect(app, owner, member)
    const at = path(direct, await say(app, direct, owner, 'between two'))
    await edit(owner, 'still between two', {}, at)
    expectProblem(await revisions(member, '', at), 403, 'forbidden')
    expect(bodyOf(await revisions(owner, '', at), 200, RevisionPage).items).toHaveLength(1)
  })

  test('is in no table once the message is deleted, with its text and its metadata', async () => {
    const secret = crypto.randomUUID()
    await edit(author, `other words ${secret}`, { metadata: { secret } })
    await edit(author, `last words ${secret}`)
    expect(await tablesWith(`other words ${secret}`)).toEqual(['message_revisions'])
    expect(await tablesWith(`last words ${secret}`)).toEqual(['messages'])
    bodyOf(await call(app, owner, 'DELETE', path()), 200, Message)
    expect(await tablesWith(secret)).toEqual([])
    expectProblem(await revisions(owner), 404, 'not_found')
  })

  test('is forgotten after the days for which it is kept', async () => {
    await edit(author, 'other words')
    await sql`update message_revisions set replaced_at = now() - interval '91 days' where room_id = ${room}`
    const other = await say(app, room, author, 'recent')
    await edit(author, 'more recent', {}, path(room, other))
    const [swept] = await sql`select gone from parley_forget_revisions(90, 1000)`
    expect(swept?.gone).toBe(1)
    expect(bodyOf(await revisions(owner), 200, RevisionPage).items).toEqual([])
    expect(bodyOf(await revisions(owner, '', path(room, other)), 200, RevisionPage).items).toHaveLength(1)
  })
})

test('nothing is kept if the setting is 0, and an edit removes what was kept before', async () => {
  await edit(author, 'other words')
  const none = await startApp({ DATABASE_URL: app.databaseUrl, REVISIONS_KEPT: '0' })
  const answer = await call(none, author, 'PATCH', path(), { body: 'last words' })
  bodyOf(answer, 200, Message)
  expect(await get(none, owner, `${path()}/revisions`, RevisionPage)).toEqual({ items: [], next: null })
  await none.close()
})
