import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Subscribed } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeRoom, type Person, pair, say } from '../support/people.ts'
import { bodiesIn, enter, reached, send } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'

const MOST = 5

let app: TestApp
let owner: Person
let member: Person

beforeAll(async () => {
  app = await startApp({ MAX_SUBSCRIPTIONS: `${MOST}` })
  ;[owner, member] = await pair(app)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

describe('subscribing again', () => {
  test('replaces a live subscription: each number still arrives once', async () => {
    const room = await makeRoom(app, owner, [member])
    const client = await connect(app, member)
    await enter(client, room)
    await enter(client, room)
    await enter(client, room, 1)
    const seq = await say(app, room, owner, 'once')
    await client.heard('message', (frame) => frame.seq === seq)
    await client.close()
  })

  test('replaces one that is in progress: each gets a response, and the last one counts', async () => {
    const room = await makeRoom(app, owner, [member])
    for (let n = 0; n < 20; n++) await say(app, room, owner, `message ${n}`)
    for (let round = 0; round < 10; round++) {
      const client = await connect(app, member)
      client.askAs({ type: 'subscribe', id: 'first', room, after: 1 })
      client.askAs({ type: 'subscribe', id: 'second', room })
      if (round % 2 === 0) await client.heard('error')
      client.askAs({ type: 'subscribe', id: 'third', room, after: 5 })
      const last = await client.heard('result', ({ id }) => id === 'third')
      await client.heard('state', () => true, client.frames.indexOf(last))
      expect(client.unanswered).toBe(0)
      expect(last.data).toMatchObject({ mode: 'changes' })
      expect(client.all('live', client.frames.indexOf(last))).toHaveLength(1)
      for (const { code } of client.all('error')) expect(code).toBe('conflict')
      const seq = await say(app, room, owner, 'and on')
      await reached(client, room, seq)
      await client.close()
    }
  })

  test('to a room that the user may no longer read ends the old subscription', async () => {
    const room = await makeRoom(app, owner, [member])
    const client = await connect(app, member)
    await enter(client, room)
    await app.chat.membership.remove({ id: room }, owner, member.id)
    expect(await client.refused({ type: 'subscribe', room, after: 1 })).toMatchObject({ code: 'not_found' })
    await say(app, room, owner, 'among us')
    await client.settled()
    expect(bodiesIn(client, room)).toEqual([])
    await client.close()
  })
})

describe('unsubscribing', () => {
  test('ends the subscription: nothing of the room arrives after the response', async () => {
    const [room, other] = [await makeRoom(app, owner, [member]), await makeRoom(app, owner, [member])]
    const [client, bystander] = [await connect(app, member), await connect(app, member)]
    for (const each of [client, bystander]) {
      await enter(each, room)
      await enter(each, other)
    }
    await client.ask({ type: 'unsubscribe', room })
    const from = client.frames.length
    const seq = await say(app, room, owner, 'unheard')
    await app.chat.membership.mark(room, owner, {})
    bystander.askAs({ type: 'typing', room, typing: true })
    await bystander.heard('message', (frame) => frame.seq === seq && frame.room === room)
    await bystander.heard('typing', (frame) => frame.room === room)
    await send(client, other, 'elsewhere')
    await client.heard('message', (frame) => frame.room === other)
    expect(client.frames.slice(from).filter((frame) => 'room' in frame && frame.room === room)).toEqual([])
    await enter(client, room, seq - 1)
    expect(bodiesIn(client, room)).toEqual(['unheard'])
    await Promise.all([client.close(), bystander.close()])
  })

  test('during a subscription: both get a response, and nothing arrives after that', async () => {
    const room = await makeRoom(app, owner, [member])
    for (let n = 0; n < 20; n++) await say(app, room, owner, `message ${n}`)
    const bystander = await connect(app, member)
    await enter(bystander, room)
    for (let round = 0; round < 20; round++) {
      const client = await connect(app, member)
      client.askAs({ type: 'subscribe', id: 'first', room, ...(round % 2 === 0 ? { after: 1 } : {}) })
      if (round % 4 < 2) await client.heard('result')
      client.askAs({ type: 'unsubscribe', id: 'second', room })
      await client.until(() => client.unanswered === 0, 'both answers')
      const from = client.frames.length
      const seq = await say(app, room, owner, 'unheard')
      await reached(bystander, room, seq)
      await client.settled()
      expect(client.frames.slice(from).map(({ type }) => type)).toEqual(['result'])
      await client.close()
    }
    await bystander.close()
  })
})

describe('MAX_SUBSCRIPTIONS', () => {
  test('counts rooms, including those in progress, and frees those that end', async () => {
    const rooms = await Promise.all(Array.from({ length: MOST + 1 }, () => makeRoom(app, owner, [member])))
    const client = await connect(app, member)
    const all = await Promise.all(
      rooms.map(async (room) => ({ room, answer: await client.ask({ type: 'subscribe', room }) })),
    )
    expect(all.map(({ answer }): string => answer.type)).toEqual([
      ...Array<string>(MOST).fill('result'),
      'error',
    ])
    const [first, last] = [all.at(0), all.at(-1)]
    if (first === undefined || last === undefined) throw new Error('there are rooms')
    expect(last.answer).toMatchObject({ code: 'conflict', retryable: false })
    // One that is heard already may be subscribed to again; a refused one takes no place.
    await client.result({ type: 'subscribe', room: first.room }, Subscribed)
    await client.ask({ type: 'unsubscribe', room: first.room })
    expect(await client.refused({ type: 'subscribe', room: 4_000_000 })).toMatchObject({ code: 'not_found' })
    await enter(client, last.room)
    expect(await client.refused({ type: 'subscribe', room: first.room })).toMatchObject({ code: 'conflict' })
    await app.chat.membership.remove({ id: last.room }, owner, member.id)
    await client.heard('unsubscribed')
    await enter(client, first.room)
    await client.close()
  })

  test('applies to each connection', async () => {
    const rooms = await Promise.all(Array.from({ length: MOST }, () => makeRoom(app, owner, [member])))
    const clients = await Promise.all([connect(app, member), connect(app, member)])
    for (const client of clients) for (const room of rooms) await enter(client, room)
    for (const room of rooms) {
      const { seq } = await send(clients[0], room, 'to all')
      for (const client of clients) {
        await client.heard('message', (frame) => frame.room === room && frame.seq === seq)
      }
    }
    for (const client of clients) await client.close()
  })
})

test('a closed connection leaves nothing behind, in whatever state its subscriptions were', async () => {
  const rooms = await Promise.all(Array.from({ length: MOST }, () => makeRoom(app, owner, [member])))
  for (let round = 0; round < 10; round++) {
    const client = await connect(app, member)
    for (const room of rooms)
      client.askAs({ type: 'subscribe', id: `room ${room}`, room, ...(round % 2 === 0 ? { after: 0 } : {}) })
    if (round % 3 === 1) await client.heard('live')
    await client.close()
  }
  await until(() => app.core.feed.size === 0, 'no room to be followed')
  const present = await Promise.all(rooms.map((room) => app.core.roomPresence.count(room)))
  expect(present).toEqual(rooms.map(() => 0))
})
