// The search in messages over REST: what is found and by whom, pages, and what is refused.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import {
  type FoundMessage,
  FoundMessages,
  Message,
  MessagePage,
  Room,
} from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { type Person, people } from '../../support/contracts/people.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

let app: TestApp
let sql: Sql
let ann: Person
let bob: Person
let eve: Person
let room: number

beforeAll(async () => {
  app = await startApp({ RATE_SEARCHES_PER_MINUTE: '100000' })
  sql = postgres(app.databaseUrl, { max: 1 })
  ;[ann, bob, eve] = (await people(app, 3)) as [Person, Person, Person]
  room = await made(ann, 'private', bob)
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

async function made(owner: Person, kind: string, ...invited: readonly Person[]): Promise<number> {
  const body = { name: `room ${crypto.randomUUID()}`, kind, invited: invited.map(({ id }) => id) }
  const { id } = bodyOf(await call(app, owner, 'POST', '/rooms', body), 201, Room)
  for (const person of invited) await call(app, person, 'PUT', `/rooms/${id}/members/me`)
  return id
}

async function say(body: string, by = ann, where = room): Promise<Message> {
  return bodyOf(await call(app, by, 'POST', `/rooms/${where}/messages`, { body }), 201, Message)
}

async function find(who: Person, q: string, more = ''): Promise<readonly FoundMessage[]> {
  return (await get(app, who, `/search?q=${encodeURIComponent(q)}${more}`, FoundMessages)).items
}

const bodies = async (who: Person, q: string, more = '') =>
  (await find(who, q, more)).map(({ message }) => message.body)

/** Resolves when everything that was said so far can be found. */
const indexed = () =>
  until(async () => (await sql`select from search_queue limit 1`).length === 0, 'everything is indexed')

test('before anything was said, nothing is found, and there is nothing more', async () => {
  expect(await get(app, ann, '/search?q=word', FoundMessages)).toEqual({ items: [], next: null })
})

test('a message is found soon after it was sent, and shows where it matches', async () => {
  const sent = await say('We meet at the Old Library at noon. 图书馆见')
  await until(async () => (await find(bob, 'old library')).length > 0, 'the message is found')
  expect(await find(bob, '"OLD lib" 书馆')).toEqual([
    {
      message: sent,
      excerpt: [
        { text: 'We meet at the ', match: false },
        { text: 'Old Lib', match: true },
        { text: 'rary at noon. 图', match: false },
        { text: '书馆', match: true },
        { text: '见', match: false },
      ],
    },
  ])
})

test('each hit leads to its place in the history', async () => {
  await say('before')
  const sent = await say('the needle')
  await say('behind')
  await indexed()
  const [hit] = await find(bob, 'needle')
  expect(hit?.message.id).toBe(sent.id)
  const page = await get(app, bob, `/rooms/${room}/messages?around=${hit?.message.seq}&limit=3`, MessagePage)
  expect(page.items.map(({ body }) => body)).toEqual(['before', 'the needle', 'behind'])
})

test('pages continue where the last one ended, also while more is sent', async () => {
  for (let n = 0; n < 7; n++) await say(`haystack ${n}`)
  await indexed()
  const found: string[] = []
  let cursor = ''
  do {
    const page = await get(app, bob, `/search?q=haystack&limit=3${cursor}`, FoundMessages)
    found.push(...page.items.map(({ message }) => message.body))
    cursor = page.next === null ? '' : `&cursor=${page.next}`
    await say('haystack later')
    await indexed()
  } while (cursor !== '')
  expect(found).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `haystack ${n}`))
})

test('words may stand anywhere, and phrases only as they are', async () => {
  await say('alpha beta gamma')
  await indexed()
  expect(await bodies(bob, 'gamma ALPHA')).toEqual(['alpha beta gamma'])
  expect(await bodies(bob, '"alpha beta"')).toEqual(['alpha beta gamma'])
  expect(await bodies(bob, '"beta alpha"')).toEqual([])
  expect(await bodies(bob, 'alpha delta')).toEqual([])
})

test('filters narrow what is found, and need no words', async () => {
  const other = await made(ann, 'private', bob)
  const first = await say('filtered 1')
  await say('filtered 2', bob)
  await say('filtered 3', ann, other)
  await indexed()
  expect(await bodies(ann, 'filtered', `&room=${room}`)).toEqual(['filtered 2', 'filtered 1'])
  expect(await bodies(ann, 'filtered', '&sender=me')).toEqual(['filtered 3', 'filtered 1'])
  expect(await bodies(ann, 'filtered', `&sender=${bob.id}`)).toEqual(['filtered 2'])
  expect(await bodies(ann, 'filtered', `&before=${first.created_at}`)).toEqual([])
  expect(await bodies(ann, 'filtered', `&after=${first.created_at}`)).toHaveLength(3)
  expect(
    await bodies(ann, 'filtered', '&after=0001-01-01T00:00:00Z&before=9999-12-31T23:59:59.999Z'),
  ).toHaveLength(3)
  const own = await get(app, ann, `/search?sender=${bob.id}&room=${room}`, FoundMessages)
  expect(own.items.map(({ message, excerpt }) => [message.body, excerpt])).toEqual([
    ['filtered 2', [{ text: 'filtered 2', match: false }]],
  ])
  expect(
    (await get(app, ann, '/search?limit=2', FoundMessages)).items.map(({ message }) => message.body),
  ).toEqual(['filtered 3', 'filtered 2'])
})

test('nobody finds what they may not read, by words or by a room', async () => {
  await say('secret plan')
  const open = await made(ann, 'public')
  await say('open plan', ann, open)
  await indexed()
  expect(await bodies(eve, 'plan')).toEqual(['open plan'])
  expect(await bodies(bob, 'plan')).toEqual(['open plan', 'secret plan'])
  expectProblem(await call(app, eve, 'GET', `/search?q=plan&room=${room}`), 404, 'not_found')
  expectProblem(await call(app, eve, 'GET', '/search?q=plan&room=999999'), 404, 'not_found')
  await call(app, ann, 'POST', `/rooms/${room}/invitations`, { users: [eve.id] })
  expect(await bodies(eve, 'plan')).toEqual(['open plan'])
  expectProblem(await call(app, eve, 'GET', `/search?q=plan&room=${room}`), 403, 'forbidden')
  await call(app, eve, 'PUT', `/rooms/${room}/members/me`)
  expect(await bodies(eve, 'plan')).toEqual(['open plan', 'secret plan'])
  expectDone(await call(app, ann, 'DELETE', `/rooms/${room}/members/${eve.id}`))
  expect(await bodies(eve, 'plan')).toEqual(['open plan'])
  expectDone(await call(app, ann, 'DELETE', `/rooms/${open}`))
  expect(await bodies(eve, 'plan')).toEqual([])
})

test('former words are not found from the answer on, and nothing of a deleted message is left', async () => {
  const sent = await say('zanzibar one')
  const gone = await say('zanzibar xylograph')
  await indexed()
  const edited = await call(app, ann, 'PATCH', `/rooms/${room}/messages/${sent.seq}`, { body: 'quokka' })
  expect(edited.status).toBe(200)
  expect(await bodies(bob, 'zanzibar')).toEqual(['zanzibar xylograph'])
  await until(async () => (await bodies(bob, 'quokka')).length === 1, 'the new words are found')
  await call(app, ann, 'DELETE', `/rooms/${room}/messages/${gone.seq}`)
  expect(await bodies(bob, 'zanzibar')).toEqual([])
  await indexed()
  expect(await sql`select from search_docs where id = ${gone.id}`).toHaveLength(0)
  const tables = await sql<{ name: string }[]>`
    select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`
  for (const { name } of tables) {
    const rows = await sql.unsafe(`select from ${name} t where t::text like '%xylograph%'`)
    expect([name, rows.length]).toEqual([name, 0])
  }
})

test('the messages of a deleted room leave the index when they are purged', async () => {
  const other = await made(ann, 'private')
  const { id } = await say('to be purged', ann, other)
  await indexed()
  expect(await sql`select from search_docs where id = ${id}`).toHaveLength(1)
  expectDone(await call(app, ann, 'DELETE', `/rooms/${other}`))
  // Each call purges a part of one room.
  while ((await sql<{ gone: number }[]>`select gone from parley_purge(1000)`)[0]?.gone);
  expect(await sql`select from search_docs where id = ${id}`).toHaveLength(0)
})

test('what cannot be searched for is refused, with the field', async () => {
  const refused = {
    '?q=': 'q',
    '?q=a': 'q',
    '?q=%00abc': 'q',
    [`?q=${'x'.repeat(257)}`]: 'q',
    '?q=abc&limit=0': 'limit',
    '?q=abc&limit=101': 'limit',
    '?q=abc&cursor=x': 'cursor',
    '?q=abc&before=yesterday': 'before',
    '?q=abc&after=2026-02-30': 'after',
    '?q=abc&after=2026-02-30T00:00:00Z': 'after',
    '?q=abc&after=2025-02-29T00:00:00%2B01:00': 'after',
    '?q=abc&after=0000-01-01T00:00:00Z': 'after',
    '?q=abc&before=9999-12-31T23:59:59-14:00': 'before',
    '?q=abc&sender=0': 'sender',
    '?q=abc&has=link': 'has',
  }
  for (const [query, field] of Object.entries(refused))
    expectProblem(await call(app, ann, 'GET', `/search${query}`), 400, 'invalid', { field })
  expectProblem(await call(app, null, 'GET', '/search?q=abc'), 401, 'unauthenticated')
})

test('patterns, quotes and commands are words like others', async () => {
  for (const body of ['100% sure', 'a_b\\c', "'; drop table messages; --", '{"a":[1]}']) {
    await say(body)
    await indexed()
    expect(await bodies(bob, body.replaceAll('"', ' '))).toContain(body)
  }
  expect(await bodies(bob, '%%')).toEqual([])
  expect(await bodies(bob, '__')).toEqual([])
})

test('a user who searches too often is told when to go on', async () => {
  const limited = await startApp({ RATE_SEARCHES_PER_MINUTE: '2', DATABASE_URL: app.databaseUrl })
  try {
    for (let n = 0; n < 2; n++) await get(limited, ann, '/search?q=anything', FoundMessages)
    const problem = expectProblem(await call(limited, ann, 'GET', '/search?q=more'), 429, 'rate_limited')
    expect(problem.retry_after_ms).toBeGreaterThan(0)
    await get(limited, bob, '/search?q=anything', FoundMessages)
  } finally {
    await limited.close()
  }
})
