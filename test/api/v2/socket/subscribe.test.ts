import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { seq as seqOf } from '../../../core/fakes/values.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, pair, say } from '../support/people.ts'
import { bodiesIn, enter, eventsIn, reached } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

const RESUME_LIMIT = 30

let app: TestApp
let owner: Person
let member: Person
let client: V2Client

beforeAll(async () => {
  app = await startApp({ RESUME_LIMIT: `${RESUME_LIMIT}` })
  ;[owner, member] = await pair(app)
  client = await connect(app, member)
})
afterAll(async () => {
  await client.close()
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

describe('subscribing without `after`', () => {
  test('sends a snapshot of the room, tombstones included', async () => {
    const room = await roomWith(4)
    await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(4) }, 'edited')
    await app.chat.messages.remove({ id: room }, owner, { seq: seqOf(5) })
    const { answer, live, state } = await enter(client, room)
    expect(answer).toMatchObject({ room, mode: 'snapshot', head: 9 })
    expect(answer.snapshot).toMatchObject({
      has_older: false,
      room: {
        id: room,
        kind: 'private',
        creator: { id: owner.id, username: owner.username },
        head: 9,
        member_count: 2,
        role: 'member',
        invited: false,
        read_seq: 3,
        delivered_seq: 3,
        unread: 3,
        other: null,
      },
      messages: [
        { seq: 4, version: 8, body: 'edited', edited_at: expect.any(String), deleted_at: null },
        { seq: 5, version: 9, body: '', deleted_at: expect.any(String) },
        { seq: 6, version: null, body: 'message 3' },
        { seq: 7, version: null, body: 'message 4' },
      ],
      members: [
        { user: { id: owner.id, username: owner.username }, role: 'owner', read_seq: 1, delivered_seq: 1 },
        { user: { id: member.id, username: member.username }, role: 'member', read_seq: 3, delivered_seq: 3 },
      ],
    })
    expect([live.seq, state.head, state.unread]).toEqual([9, 9, 3])
    expect(eventsIn(client, room)).toEqual([])
  })

  test.each([
    [undefined, 50, true],
    [0, 0, true],
    [1, 1, true],
    [59, 59, true],
    [60, 60, false],
    [200, 60, false],
  ])('and with limit %p sends the latest %p messages', async (limit, count, more) => {
    const room = await roomWith(60)
    const { answer } = await enter(client, room, undefined, limit)
    const bodies = answer.snapshot?.messages.map(({ body }) => body)
    expect(bodies).toEqual(Array.from({ length: count }, (_, i) => `message ${61 - count + i}`))
    expect(answer.snapshot?.has_older).toBe(more)
  })

  test('sends a direct chat with the other user', async () => {
    const room = await makeDirect(app, owner, member)
    await say(app, room, owner, 'hello')
    const { answer, live } = await enter(client, room)
    expect(answer.snapshot?.room).toMatchObject({
      kind: 'direct',
      name: null,
      head: 1,
      unread: 1,
      other: { id: owner.id, username: owner.username, online: false, last_seen: null },
    })
    expect(live.seq).toBe(1)
  })
})

describe('subscribing with `after`', () => {
  test('sends what was missed event by event, if the node still has it', async () => {
    const room = await roomWith(2)
    const watcher = await connect(app, owner)
    await enter(watcher, room)
    for (let n = 3; n <= 6; n++) await say(app, room, owner, `message ${n}`)
    await reached(watcher, room, 9)
    const from = client.frames.length
    const { answer, live } = await enter(client, room, 5)
    expect(answer).toEqual({ room, mode: 'live', head: 9, snapshot: null })
    expect(live.seq).toBe(9)
    const types = client.frames.slice(from).map(({ type }): string => type)
    expect(types.filter((type) => type !== 'presence')).toEqual([
      'result',
      ...Array<string>(4).fill('message'),
      'live',
      'state',
    ])
    expect(eventsIn(client, room)).toEqual(eventsIn(watcher, room))
    await watcher.close()
  })

  test('sends it compacted, if the node no longer has it', async () => {
    const room = await roomWith(5)
    await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(5) }, 'edited')
    await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(7) }, 'edited once')
    await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(7) }, 'edited twice')
    await app.chat.messages.remove({ id: room }, owner, { seq: seqOf(8) })
    const from = client.frames.length
    const { answer, live } = await enter(client, room, 6)
    expect(answer).toEqual({ room, mode: 'changes', head: 12, snapshot: null })
    expect(live.seq).toBe(12)
    expect(client.all('changes', from)).toMatchObject([
      {
        after: 6,
        to: 12,
        events: [
          { type: 'message', seq: 7, message: { seq: 7, version: 11, body: 'edited twice' } },
          {
            type: 'message',
            seq: 8,
            message: { seq: 8, version: 12, body: '', deleted_at: expect.any(String) },
          },
          { type: 'edited', seq: 9, message: { seq: 5, version: 9, body: 'edited' } },
        ],
      },
    ])
    const next = await say(app, room, owner, 'live')
    await client.heard('message', (frame) => frame.room === room && frame.seq === next)
  })

  test('sends everything after 0, and nothing after the head', async () => {
    const room = await roomWith(3)
    expect((await enter(client, room, 0)).answer.mode).toBe('changes')
    expect(eventsIn(client, room).map(({ type, seq }): [string, number] => [type, seq])).toEqual([
      ['member', 1],
      ['member', 2],
      ['member', 3],
      ['message', 4],
      ['message', 5],
      ['message', 6],
    ])
    const from = client.frames.length
    const { answer, live } = await enter(client, room, 6)
    expect([answer, live.seq]).toEqual([{ room, mode: 'live', head: 6, snapshot: null }, 6])
    expect(eventsIn(client, room, from)).toEqual([])
  })

  test('makes an empty direct chat live after 0', async () => {
    const [one, other] = await pair(app)
    const room = await makeDirect(app, one, other)
    const own = await connect(app, other)
    expect(await enter(own, room, 0)).toMatchObject({ answer: { mode: 'live', head: 0 }, live: { seq: 0 } })
    await say(app, room, one, 'hello')
    await own.heard('message', ({ seq }) => seq === 1)
    await own.close()
  })

  test.each([1, 1000, Number.MAX_SAFE_INTEGER - 10])(
    'sends a snapshot if the number is %p ahead of the room',
    async (ahead) => {
      const room = await roomWith(1)
      const { answer, live } = await enter(client, room, 4 + ahead, 1)
      expect(answer).toMatchObject({
        mode: 'snapshot',
        head: 4,
        snapshot: { messages: [{ body: 'message 1' }] },
      })
      expect(live.seq).toBe(4)
      const next = await say(app, room, owner, 'live')
      await client.heard('message', (frame) => frame.room === room && frame.seq === next)
    },
  )

  test('sends changes if the client is RESUME_LIMIT behind, and a snapshot past that', async () => {
    const room = await roomWith(RESUME_LIMIT + 10)
    const head = RESUME_LIMIT + 13
    expect((await enter(client, room, head - RESUME_LIMIT)).answer.mode).toBe('changes')
    expect((await enter(client, room, head - RESUME_LIMIT - 1)).answer.mode).toBe('snapshot')
  })
})

test('sends a long history in bounded frames, each of which continues the one before', async () => {
  const room = await makeRoom(app, owner, [member])
  const filler = 'ü'.repeat(3990)
  for (let n = 10; n < 37; n++) await say(app, room, owner, `${n} ${filler}`)
  const from = client.frames.length
  expect((await enter(client, room, 3)).answer.mode).toBe('changes')
  const frames = client.all('changes', from)
  expect(frames.length).toBeGreaterThan(2)
  for (const { events } of frames) expect(events.length).toBeLessThanOrEqual(9)
  expect(bodiesIn(client, room)).toHaveLength(27)
})

test('misses nothing while others send, in whichever way the client subscribes', async () => {
  const room = await roomWith(3)
  let talking = true
  const talk = (async () => {
    for (let n = 0; talking; n++) {
      const seq = await say(app, room, owner, `${n}`)
      if (n % 5 === 0) await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(seq) }, `${n} again`)
    }
  })()
  const comers = await Promise.all(Array.from({ length: 5 }, () => connect(app, member)))
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      comers.map((comer, i) => {
        const at = comer.positionIn(room)
        return at === undefined || i === 0
          ? enter(comer, room)
          : enter(comer, room, Math.max(0, at - (i - 1) * round))
      }),
    )
  }
  talking = false
  await talk
  const last = await say(app, room, owner, 'the last')
  for (const comer of comers) {
    await reached(comer, room, last)
    await comer.close()
  }
})

/** A room of both with so many messages: its first three numbers are its members'. */
async function roomWith(count: number): Promise<RoomId> {
  const room = await makeRoom(app, owner, [member])
  for (let n = 1; n <= count; n++) await say(app, room, owner, `message ${n}`)
  return room
}
