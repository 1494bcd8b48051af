// What was said: pages of messages, changes, snapshots.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  ChangesPage,
  type Message,
  MessagePage,
  Room,
  type RoomEvent,
  Snapshot,
} from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { hasMessage } from '../support/event-message.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

const MESSAGES = 20

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: number
/** The messages' numbers; some are deleted, one edited. */
let seqs: number[]
let deleted: number[]
let head: number

beforeAll(async () => {
  app = await startApp()
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
  seqs = []
  for (let i = 0; i < MESSAGES; i++) seqs.push(await say(app, room, i % 3 ? owner : member, `number ${i}`))
  deleted = [seqs[4], seqs[5], seqs[19]].map((seq) => seq ?? expect.unreachable())
  for (const seq of deleted) expect((await call(app, owner, 'DELETE', at(seq))).status).toBe(200)
  expect((await call(app, owner, 'PATCH', at(seqs[1] ?? 0), { body: 'said anew' })).status).toBe(200)
  // Something that is no message, in the middle of what is read by number.
  expect((await call(app, owner, 'PATCH', `/rooms/${room}`, { description: 'described' })).status).toBe(200)
  head = (await get(app, owner, `/rooms/${room}`, Room)).head
})
afterAll(() => app.close())

function at(seq: number): string {
  return `/rooms/${room}/messages/${seq}`
}

function page(query: string): Promise<MessagePage> {
  return get(app, member, `/rooms/${room}/messages${query}`, MessagePage)
}

function numbers({ items }: { items: Message[] }): number[] {
  return items.map(({ seq }) => seq)
}

/** All pages from one on, by its `prev` or its `next`. */
async function follow(first: MessagePage, way: 'prev' | 'next', more = ''): Promise<MessagePage[]> {
  const pages = [first]
  for (let cursor = first[way]; cursor !== null; ) {
    const next = await page(`?cursor=${cursor}${more}`)
    pages.push(next)
    cursor = next[way]
    if (pages.length > 100) throw new Error('there is no end')
  }
  return pages
}

const left = () => seqs.filter((seq) => !deleted.includes(seq))

describe('messages', () => {
  test('are sorted oldest first; without a query they are the latest', async () => {
    const all = await page('')
    expect(numbers(all)).toEqual(left())
    expect([all.prev, all.next, all.head]).toEqual([null, null, head])
    expect(all.items[1]).toMatchObject({ body: 'said anew', edited_at: expect.any(String) })
    const some = await page('?limit=3')
    expect(numbers(some)).toEqual(left().slice(-3))
    expect(some.next).toBeNull()
    expect(some.prev).not.toBeNull()
  })

  test.each([1, 2, 3, 7, 16, 17, 18])(
    'can be paged back to the first and forward to the last in pages of %d',
    async (limit) => {
      const more = `&limit=${limit}`
      const back = await follow(await page(`?limit=${limit}`), 'prev', more)
      expect(back.toReversed().flatMap(numbers)).toEqual(left())
      expect(back).toHaveLength(Math.ceil(left().length / limit))
      expect(back.at(-1)?.prev).toBeNull()
      const on = await follow(await page(`?after=0${more}`), 'next', more)
      expect(on.flatMap(numbers)).toEqual(left())
      expect(on).toHaveLength(Math.ceil(left().length / limit))
      for (const each of [...back.slice(0, -1), ...on.slice(0, -1)]) expect(each.items).toHaveLength(limit)
      // There and back again.
      const [first, second] = on
      if (first !== undefined && second?.prev)
        expect(await page(`?cursor=${second.prev}${more}`)).toEqual(first)
    },
  )

  test('before and after a number exclude it, around one include it', async () => {
    const middle = seqs[10] ?? 0
    expect(numbers(await page(`?before=${middle}&limit=2`))).toEqual([seqs[8], seqs[9]].map(Number))
    expect(numbers(await page(`?after=${middle}&limit=2`))).toEqual([seqs[11], seqs[12]].map(Number))
    const around = await page(`?around=${middle}&limit=5`)
    expect(numbers(around)).toContain(middle)
    expect(around.items).toHaveLength(5)
    const whole = [
      ...(await follow(around, 'prev', '&limit=5')).toReversed().flatMap(numbers),
      ...(await follow(around, 'next', '&limit=5')).slice(1).flatMap(numbers),
    ]
    expect(whole).toEqual(left())
  })

  test('around a deleted message, or another number, are the neighbouring messages', async () => {
    for (const place of [deleted[0], head, 1]) {
      const around = await page(`?around=${place}&limit=4`)
      expect(around.items.length).toBeGreaterThan(0)
      expect(numbers(around)).not.toContain(place)
    }
  })

  test('include tombstones on request', async () => {
    for (const query of ['?tombstones=true', '?tombstones=true&after=0']) {
      const all = await page(query)
      expect(numbers(all)).toEqual(seqs)
      const empty = all.items.filter(({ deleted_at }) => deleted_at !== null)
      expect(empty.map(({ seq, body }) => [seq, body])).toEqual(deleted.map((seq) => [seq, '']))
    }
    expect(numbers(await page('?tombstones=false'))).toEqual(left())
  })

  test('past either end are empty, with a link back', async () => {
    const past = await page(`?after=${head}`)
    expect([past.items, past.next]).toEqual([[], null])
    expect(numbers(await page(`?cursor=${past.prev}`))).toEqual(left())
    const far = await page('?after=9007199254740991')
    expect(numbers(await page(`?cursor=${far.prev}`))).toEqual(left())
    const start = await page('?before=0')
    expect([start.items, start.prev]).toEqual([[], null])
    expect(numbers(await page(`?cursor=${start.next}`))).toEqual(left())
    const empty = await makeRoom(app, owner)
    const none = await get(app, owner, `/rooms/${empty}/messages`, MessagePage)
    expect(none).toEqual({ items: [], prev: null, next: null, head: 1 })
  })

  test('accept only one position, in the room, or one of their own cursors', async () => {
    const places = ['-1', 'x', '', '1.5', '1e3', '9007199254740993', '%00', '9'.repeat(40)]
    for (const name of ['before', 'after', 'around']) {
      for (const place of places) await refused(`?${name}=${place}`, name)
    }
    await refused('?before=5&after=2', 'after')
    await refused('?before=5&around=2', 'around')
    const cursor = (await page('?limit=1')).prev
    await refused(`?before=5&cursor=${cursor}`, 'cursor')
    for (const bad of ['', 'x', `${cursor}=`, Buffer.from('users:1').toString('base64url')]) {
      await refused(`?cursor=${bad}`, 'cursor')
    }
    for (const flag of ['', '1', 'TRUE', 'yes']) await refused(`?tombstones=${flag}`, 'tombstones')
    for (const limit of ['0', '201', 'x', '']) await refused(`?limit=${limit}`, 'limit')
  })

  async function refused(query: string, field: string): Promise<void> {
    const answer = await call(app, member, 'GET', `/rooms/${room}/messages${query}`)
    expectProblem(answer, 400, 'invalid', { field })
  }

  test('of a public room are for everyone, of others for members', async () => {
    const open = await makeRoom(app, owner, [], 'public')
    await say(app, open, owner, 'for all')
    expect((await get(app, outsider, `/rooms/${open}/messages`, MessagePage)).items).toHaveLength(1)
    for (const what of ['/messages', `/messages/${seqs[0]}`, '/changes', '/snapshot']) {
      expectProblem(await call(app, outsider, 'GET', `/rooms/${room}${what}`), 404, 'not_found')
    }
  })
})

describe('changes', () => {
  const changes = (query: string) => get(app, member, `/rooms/${room}/changes${query}`, ChangesPage)

  test('are everything that is visible, each with its number', async () => {
    const all = await changes('?limit=200')
    expect([all.head, all.next]).toEqual([head, null])
    const order = all.items.map(({ seq }) => seq)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    const { messages, others } = applied(all.items)
    expect([...messages.keys()]).toEqual(seqs)
    expect(others).toContain(`room ${head}`)
    expect(await changes(`?after=${head}`)).toEqual({ items: [], head, next: null })
    expect((await changes('?after=0&limit=200')).items).toEqual(all.items)
  })

  test.each([1, 2, 3, 10, 25])('lead to the same state from any number, in pages of %d', async (limit) => {
    const whole = applied((await changes('?limit=200')).items)
    for (const after of [0, seqs[3] ?? 0, deleted[0] ?? 0]) {
      const events: RoomEvent[] = []
      for (let cursor: string | null = `after=${after}`; cursor !== null; ) {
        const next: ChangesPage = await changes(`?limit=${limit}&${cursor}`)
        expect(next.items.length).toBeLessThanOrEqual(limit)
        events.push(...next.items)
        cursor = next.next === null ? null : `cursor=${next.next}`
        if (cursor === null) expect(next.head).toBe(head)
      }
      const missed = [...whole.messages].filter(([seq, { version }]) => Math.max(seq, version ?? 0) > after)
      const others = [...whole.others].filter((other) => Number(other.split(' ')[1]) > after)
      expect(applied(events)).toEqual({ messages: new Map(missed), others: new Set(others) })
    }
  })

  test('accept a number or a cursor, not both', async () => {
    const { next } = await changes('?limit=1')
    for (const [query, field] of [
      [`?after=1&cursor=${next}`, 'cursor'],
      ['?cursor=x', 'cursor'],
      [`?cursor=${(await page('?limit=1')).prev}`, 'cursor'],
      ['?after=-1', 'after'],
      ['?after=x', 'after'],
      ['?limit=0', 'limit'],
    ] as const) {
      const answer = await call(app, member, 'GET', `/rooms/${room}/changes${query}`)
      expectProblem(answer, 400, 'invalid', { field })
    }
  })

  /** What somebody knows who has applied them in their order. */
  function applied(events: readonly RoomEvent[]) {
    const messages = new Map<number, Message>()
    const others = new Set<string>()
    for (const event of events) {
      if (hasMessage(event)) messages.set(event.message.seq, event.message)
      else others.add(`${event.type} ${event.seq}`)
    }
    return { messages, others }
  }
})

describe('a snapshot', () => {
  const snapshot = (who: Person, of: number, query = '') =>
    get(app, who, `/rooms/${of}/snapshot${query}`, Snapshot)

  test('contains the room, its latest messages, and its members', async () => {
    const all = await snapshot(member, room)
    expect(all.room).toEqual(await get(app, member, `/rooms/${room}`, Room))
    expect(numbers({ items: all.messages })).toEqual(seqs)
    expect(all.has_older).toBe(false)
    expect(all.members?.map(({ user, role }) => [user.id, role])).toEqual([
      [owner.id, 'owner'],
      [member.id, 'member'],
    ])
    const three = await snapshot(member, room, '?messages=3')
    expect(three).toEqual({ ...all, messages: all.messages.slice(-3), has_older: true })
    expect(await snapshot(member, room, '?messages=0')).toEqual({ ...all, messages: [], has_older: true })
  })

  test('of a direct chat contains the other user, who may be online', async () => {
    const direct = await makeDirect(app, owner, member)
    const socket = await connect(app, member)
    expect((await snapshot(owner, direct)).room.other).toMatchObject({ id: member.id, online: true })
    await socket.close()
  })

  test('is for members only, also in public rooms', async () => {
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await call(app, outsider, 'GET', `/rooms/${open}/snapshot`), 403, 'forbidden')
    const invited = await makeRoom(app, owner)
    const json = { users: [outsider.id] }
    expect((await call(app, owner, 'POST', `/rooms/${invited}/invitations`, json)).status).toBe(200)
    expectProblem(await call(app, outsider, 'GET', `/rooms/${invited}/snapshot`), 403, 'forbidden')
    expectDone(await call(app, owner, 'DELETE', `/rooms/${open}`))
    expectProblem(await call(app, owner, 'GET', `/rooms/${open}/snapshot`), 404, 'not_found')
  })

  test('has 0 to 200 messages', async () => {
    for (const messages of ['-1', '201', 'x', '', '1.5']) {
      const answer = await call(app, member, 'GET', `/rooms/${room}/snapshot?messages=${messages}`)
      expectProblem(answer, 400, 'invalid', { field: 'messages' })
    }
  })
})

test('lists members only up to the list limit', async () => {
  const small = await startApp({ ROOM_LIST_LIMIT: '1' })
  const [one, two] = [await person(small), await person(small)]
  const alone = await makeRoom(small, one)
  const crowd = await makeRoom(small, one, [two])
  expect((await get(small, one, `/rooms/${alone}/snapshot`, Snapshot)).members).toHaveLength(1)
  expect((await get(small, one, `/rooms/${crowd}/snapshot`, Snapshot)).members).toBeNull()
  bodyOf(await call(small, one, 'GET', `/rooms/${crowd}`), 200, Room)
  await small.close()
})
