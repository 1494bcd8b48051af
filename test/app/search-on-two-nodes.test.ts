// The search over two nodes on one database: what one writes, the other finds, and what one has left, the other indexes.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { FoundMessages, Message, Room } from '../../src/api/v2/wire/index.ts'
import { type Person, people } from '../api/support/contracts/people.ts'
import { bodyOf, call, get } from '../api/v2/rest/support/client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

let one: TestApp
let two: TestApp
let sql: Sql
let ann: Person
let bob: Person
let room: number

beforeAll(async () => {
  const databaseUrl = await createMigratedDatabase()
  const env = { DATABASE_URL: databaseUrl, RATE_SEARCHES_PER_MINUTE: '100000' }
  one = await startApp(env)
  two = await startApp(env)
  sql = postgres(databaseUrl, { max: 1 })
  ;[ann, bob] = (await people(one, 2)) as [Person, Person]
  room = bodyOf(
    await call(one, ann, 'POST', '/rooms', { name: 'both', kind: 'private', invited: [bob.id] }),
    201,
    Room,
  ).id
  await call(one, bob, 'PUT', `/rooms/${room}/members/me`)
})
afterAll(async () => {
  await sql.end()
  await Promise.all([one.close(), two.close()])
})

const say = async (app: TestApp, body: string) =>
  bodyOf(await call(app, ann, 'POST', `/rooms/${room}/messages`, { body }), 201, Message)
const found = async (app: TestApp, q: string) =>
  (await get(app, bob, `/search?q=${q}`, FoundMessages)).items.map(({ message }) => message.body)

test('what is sent, edited and deleted on one node is found so on the other', async () => {
  const sent = await say(one, 'walrus')
  await until(async () => (await found(two, 'walrus')).length === 1, 'the message on the other node')
  await call(two, ann, 'PATCH', `/rooms/${room}/messages/${sent.seq}`, { body: 'penguin' })
  expect(await found(one, 'walrus')).toEqual([])
  await until(async () => (await found(one, 'penguin')).length === 1, 'the new words on the other node')
  await call(one, ann, 'DELETE', `/rooms/${room}/messages/${sent.seq}`)
  expect(await found(two, 'penguin')).toEqual([])
})

test('what a node has claimed and left is indexed by another one when the claim is over', async () => {
  await say(one, 'narwhal one')
  await until(async () => (await found(two, 'narwhal')).length === 1, 'the first message')
  const [{ id: last } = { id: 0 }] = await sql<{ id: number }[]>`select max(id)::float8 as id from messages`
  await sql`delete from search_docs where id = ${last}`
  await sql`insert into search_queue (first_id, last_id, claimed_until) values (${last}, ${last}, now() + interval '1 minute')`
  await say(two, 'another')
  await until(async () => (await found(one, 'another')).length === 1, 'another message')
  expect(await found(one, 'narwhal')).toEqual([])
  await sql`update search_queue set claimed_until = now() - interval '1 second'`
  await until(async () => (await found(one, 'narwhal')).length === 1, 'the message that was left')
})

test('messages from before the search are indexed by themselves, and each message once', async () => {
  for (let n = 0; n < 5; n++) await say(n % 2 === 0 ? one : two, `dolphin ${n}`)
  await sql`truncate search_docs, search_queue`
  await sql`insert into search_queue (first_id, last_id) select first, first + 1 from generate_series(1, (select max(id) from messages), 2) first`
  await until(async () => (await found(two, 'dolphin')).length === 5, 'all messages')
  expect(await found(one, 'dolphin')).toEqual([4, 3, 2, 1, 0].map((n) => `dolphin ${n}`))
  const [counts] =
    await sql`select count(*)::int as docs, (select count(*)::int from messages where deleted_at is null) as messages from search_docs`
  expect(counts?.docs).toBe(counts?.messages)
})
