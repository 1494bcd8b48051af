import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { openRawWebSocket, PONG, type RawWebSocket, TEXT } from '../../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { exactly } from '../support/exact-shape.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, eventsIn, isEvent, reached, send } from '../support/rooms.ts'
import { connect, type Frame } from '../support/v2-client.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(120_000)

const shape = exactly(ServerFrame)
let app: TestApp
let owner: Person
let member: Person

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '16000' })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test.each([
  ['a frame each', ''],
  ['several frames in one', '&batch=1'],
])(
  'a client that does not read is closed, and resumes without loss; the others notice nothing: %s',
  async (_, query) => {
    const room = await makeRoom(app, owner, [member])
    const [speaker, listener] = [await connect(app, owner), await connect(app, owner)]
    await enter(speaker, room)
    await enter(listener, room)
    const slow = await openRaw(query)
    ask(slow, [room])
    await until(() => framesOf(slow).some(({ type }) => type === 'state'), 'the room')
    slow.pause()
    const pongs = setInterval(() => slow.sendFrame(PONG, ''), 50)
    let last = 0
    await until(
      async () => {
        // At once, so that they make a batch.
        const sent = Array.from({ length: 20 }, () => send(speaker, room, '語'.repeat(15_000)))
        last = Math.max(...(await Promise.all(sent)).map(({ seq }) => seq))
        if (last > 5000) throw new Error('the slow client was never closed')
        return (await app.core.roomPresence.count(room)) === 1
      },
      'the slow client to be closed',
      60_000,
    )
    clearInterval(pongs)
    last = (await send(speaker, room, 'missed')).seq
    await reached(listener, room, last)
    const all = eventsIn(listener, room)

    slow.resume()
    await slow.closed()
    const before = framesOf(slow).filter(isEvent)
    const from = before.at(-1)?.seq ?? 3
    expect(before).toEqual(all.slice(0, before.length))
    expect(from).toBeLessThan(last)
    const back = await connect(app, member)
    expect((await enter(back, room, from)).answer.mode).not.toBe('snapshot')
    await reached(back, room, last)
    expect([...before, ...eventsIn(back, room)]).toEqual(all)
    for (const client of [speaker, listener, back]) await client.close()
  },
)

test.each<[string, { after?: number | 'joined'; count: number; messages: number; query?: string }]>([
  ['rooms as they are', { count: 24, messages: 13 }],
  ['all that was missed', { after: 0, count: 24, messages: 13 }],
  ['all that was missed, several frames in one', { after: 0, count: 24, messages: 13, query: '&batch=1' }],
  // What is said once others have joined is in memory, and is not read from the database.
  ['what was missed in rooms that others are in', { after: 'joined', count: 120, messages: 4 }],
])(
  'a slow reader is not closed because of what it requested: %s',
  async (_, { after, count, messages, query = '' }) => {
    const bystander = await connect(app, owner)
    const rooms = new Map<number, number | undefined>()
    for (let n = 0; n < count; n++) {
      const room = await makeRoom(app, owner, [member])
      rooms.set(room, after === 'joined' ? (await enter(bystander, room)).answer.head : after)
      for (let said = 0; said < messages; said++) await say(app, room, owner, '語'.repeat(15_000))
    }
    const slow = await openRaw(query)
    slow.pause()
    for (const [room, from] of rooms) ask(slow, [room], from)
    // Until the server has sent as much as goes: it has nothing else to do meanwhile.
    for (let n = 0; n < 300; n++) await bystander.settled()
    const live = () => framesOf(slow).filter(({ type }) => type === 'live').length
    slow.resume()
    await until(() => slow.isClosed() || live() === count, 'every room', 30_000)
    expect(live()).toBe(count)
    slow.end()
    await bystander.close()
  },
)

function openRaw(query: string): Promise<RawWebSocket> {
  return openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${member.token}${query}`)
}

function ask(raw: RawWebSocket, rooms: readonly number[], after?: number): void {
  for (const room of rooms) {
    const place = after === undefined ? {} : { after }
    raw.sendFrame(TEXT, JSON.stringify({ type: 'subscribe', id: room, room, ...place }))
  }
}

function framesOf(raw: RawWebSocket): Frame[] {
  return raw.frames().flatMap(({ opcode, payload }) => {
    if (opcode !== TEXT) return []
    const value: unknown = JSON.parse(payload.toString())
    return Array.isArray(value) ? value.map((frame) => shape.parse(frame)) : shape.parse(value)
  })
}
