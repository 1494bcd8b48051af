import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, reached, send } from '../support/rooms.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

/** The pause between two frames of one user's typing in a room. */
const SECOND_MS = 1000

const clock = new SkipClock()
let app: TestApp
let owner: Person
let member: Person
let room: RoomId
let typist: V2Client
let watcher: V2Client

beforeAll(async () => {
  app = await startApp({}, { clock })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
beforeEach(async () => {
  room = await makeRoom(app, owner, [member])
  typist = await connect(app, member)
  watcher = await connect(app, owner)
  await enter(typist, room)
  await enter(watcher, room)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('typing is shown in the room for six seconds', async () => {
  await type(true)
  const user = { id: member.id, username: member.username }
  expect(await told()).toEqual([true])
  expect(watcher.all('typing')).toEqual([{ type: 'typing', room, user, typing: true, expires_in_ms: 6000 }])
  clock.skip(5000)
  expect(await told()).toEqual([true])
  clock.skip(1000)
  expect(await told()).toEqual([true, false])
  expect(watcher.all('typing')[1]).toEqual({ type: 'typing', room, user, typing: false, expires_in_ms: 0 })
  await end()
})

test('repeated, it continues, and is sent again only after a while', async () => {
  for (let n = 0; n < 20; n++) await type(true)
  expect(await told()).toEqual([true])
  clock.skip(2000)
  await type(true)
  expect(await told()).toEqual([true])
  clock.skip(1000)
  await type(true)
  expect(await told()).toEqual([true, true])
  clock.skip(5900)
  expect(await told()).toEqual([true, true])
  clock.skip(100)
  expect(await told()).toEqual([true, true, false])
  await end()
})

test('toggled repeatedly, it is sent once a second, and ends in the latest state', async () => {
  const toggles = 2000
  const start = clock.ticks()
  for (let n = 1; n <= toggles; n++) typist.send({ type: 'typing', room, typing: n % 2 === 1 })
  await typist.settled()
  clock.skip(SECOND_MS)
  await watcher.heard('typing', ({ typing }) => !typing)
  const seconds = Math.floor((clock.ticks() - start) / SECOND_MS)
  expect((await told()).length).toBeLessThanOrEqual(seconds + 1)
  clock.skip(SECOND_MS)
  expect((await told()).at(-1)).toBe(false)
  await end()
})

describe('it ends at once, but at least a second after it began,', () => {
  test('when the user says so', async () => {
    await type(true)
    clock.skip(SECOND_MS)
    await type(false)
    expect(await told()).toEqual([true, false])
    await type(false)
    clock.skip(6000)
    expect(await told()).toEqual([true, false])
    await end()
  })

  test('when the user sends, and can begin again', async () => {
    await type(true)
    clock.skip(SECOND_MS)
    await send(typist, room, 'what I typed')
    expect(await told()).toEqual([true, false])
    await send(typist, room, 'and more')
    expect(await told()).toEqual([true, false])
    const message = watcher.frames.findIndex((frame) => frame.type === 'message')
    const over = watcher.frames.findIndex((frame) => frame.type === 'typing' && !frame.typing)
    expect(over).toBeLessThan(message)
    clock.skip(SECOND_MS)
    await type(true)
    expect(await told()).toEqual([true, false, true])
    await end()
  })

  test('when the user unsubscribes', async () => {
    await type(true)
    clock.skip(SECOND_MS)
    await typist.ask({ type: 'unsubscribe', room })
    expect(await told()).toEqual([true, false])
    await end()
  })

  test('when the user disconnects', async () => {
    await type(true)
    await typist.close()
    await watcher.heard('typing', ({ typing }) => !typing)
    await watcher.close()
  })

  test('when the user is removed, without notifying the removed user', async () => {
    await type(true)
    clock.skip(SECOND_MS)
    const from = typist.frames.length
    await app.chat.membership.remove({ id: room }, owner, member.id)
    await typist.heard('unsubscribed')
    expect(await told()).toEqual([true, false])
    expect(typist.all('typing', from)).toEqual([])
    await end()
  })

  test('but not when the user sends to another room', async () => {
    const other = await makeRoom(app, owner, [member])
    await enter(typist, other)
    await type(true)
    await send(typist, other, 'elsewhere')
    expect(await told()).toEqual([true])
    await end()
  })
})

test('it is sent only to current subscribers of its room', async () => {
  const other = await makeRoom(app, owner, [member])
  const [elsewhere, away] = [await connect(app, owner), await connect(app, owner)]
  await enter(elsewhere, other)
  await type(true)
  await told()
  const late = await connect(app, owner)
  await enter(late, room)
  for (const client of [elsewhere, away, late]) {
    await client.settled()
    expect(client.all('typing')).toEqual([])
    await client.close()
  }
  await end()
})

test('a user who may not read the room is never shown as typing in it, however early they claim to be', async () => {
  const outsider = await person(app, 'outsider')
  for (const kind of ['private', 'public'] as const) {
    const closed = await makeRoom(app, owner, [], kind)
    const inside = await connect(app, owner)
    await enter(inside, closed)
    const client = await connect(app, outsider)
    client.askAs({ type: 'subscribe', id: 'in', room: closed, ...(kind === 'public' ? { after: 0 } : {}) })
    client.askAs({ type: 'typing', id: 'typing', room: closed, typing: true })
    await client.until(() => client.unanswered === 0, 'both answers')
    expect(client.all('error').map(({ code }) => code)).toContain('conflict')
    await reached(inside, closed, await say(app, closed, owner, 'nobody here'))
    expect(inside.all('typing')).toEqual([])
    await Promise.all([client.close(), inside.close()])
  }
  await end()
})

async function type(typing: boolean): Promise<void> {
  await typist.ask({ type: 'typing', room, typing })
}

/** What the watcher was told of it by now: what is sent after it has come. */
async function told(): Promise<boolean[]> {
  await reached(watcher, room, await say(app, room, owner, 'a word'))
  return watcher.all('typing').map(({ typing }) => typing)
}

async function end(): Promise<void> {
  await Promise.all([typist.close(), watcher.close()])
}
