import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { FakeClock } from '../../../core/fakes/clock.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { ask } from '../../support/rest.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, reached, send } from '../support/rooms.ts'
import { connect, type Frame, type Unnumbered, type V2Client } from '../support/v2-client.ts'

const BURST = 5
const WAIT_MS = 1000

/** It stands still, so that no budget fills by itself. */
const clock = new FakeClock()
let app: TestApp
let someone: Person
let room: RoomId
let client: V2Client

beforeAll(async () => {
  app = await startApp(
    {
      RATE_USER_REQUESTS_PER_SECOND: '1',
      RATE_USER_REQUESTS_BURST: `${BURST}`,
      RATE_MESSAGES_PER_SECOND: '1',
      RATE_MESSAGES_BURST: `${BURST}`,
    },
    { clock },
  )
})
beforeEach(async () => {
  someone = await person(app)
  room = await makeRoom(app, someone)
  client = await connect(app, someone)
})
afterAll(() => app.close())

describe('requests other than messages', () => {
  test('of any kind are refused past the burst, with the time to wait', async () => {
    const message = await say(app, room, someone, 'hello')
    const requests: Unnumbered[] = [
      { type: 'ping' },
      { type: 'subscribe', room },
      { type: 'unsubscribe', room },
      { type: 'read', room, seq: 1 },
      { type: 'delivered', room, seq: 1 },
      { type: 'typing', room, typing: true },
      { type: 'auth', token: someone.token },
      { type: 'delete', room, seq: message },
      { type: 'edit', room, seq: message, body: 'x' },
    ]
    await exhaust({ type: 'ping' })
    for (const request of requests) expectLimited(await client.refused(request))
    // A message is of another budget; what was refused was not done.
    await send(client, room, 'hello')
    expect(client.all('live')).toEqual([])
    await clock.advance(WAIT_MS)
    expect((await client.ask({ type: 'ping' })).type).toBe('result')
    await client.close()
  })

  test('are counted per user, over all of the user’s connections', async () => {
    const [other, stranger] = [await connect(app, someone), await connect(app, await person(app))]
    await exhaust({ type: 'ping' })
    expectLimited(await other.refused({ type: 'ping' }))
    expect((await stranger.ask({ type: 'ping' })).type).toBe('result')
    for (const each of [client, other, stranger]) await each.close()
  })

  test('are possible again in a burst after a pause', async () => {
    await exhaust({ type: 'ping' })
    await clock.advance(WAIT_MS * 100)
    await exhaust({ type: 'ping' })
    await client.close()
  })
})

describe('messages', () => {
  test('are refused past the burst, with the time to wait, including edits and deletions, over every contract', async () => {
    const { seq } = await send(client, room, 'hello')
    for (let n = 0; n < 4; n++) await send(client, room, `${n}`)
    for (const request of [
      { type: 'send', room, body: 'too much' },
      { type: 'edit', room, seq, body: 'too much' },
      { type: 'delete', room, seq },
    ] as const) {
      expectLimited(await client.refused(request))
    }
    const url = `${app.url}/api/v2/rooms/${room}/messages`
    const { status, headers } = await ask('POST', url, { token: someone.token, json: { body: 'too much' } })
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true])
    await clock.advance(WAIT_MS)
    await send(client, room, 'now')
    expectLimited(await client.refused({ type: 'send', room, body: 'too much' }))
    await client.close()
  })

  test('that were refused are seen by nobody, and those of others are delivered', async () => {
    const other = await person(app)
    await app.chat.membership.join({ id: await openRoom() }, other)
    const [own, others] = [await connect(app, someone), await connect(app, other)]
    await enter(others, room)
    for (let n = 0; n < 20; n++) own.askAs({ type: 'send', id: `send ${n}`, room, body: `${n}` })
    await own.until(() => own.unanswered === 0, 'all answers')
    expect(own.all('error')).toHaveLength(15)
    const { seq } = await send(others, room, 'heard')
    await reached(others, room, seq)
    expect(others.all('message')).toHaveLength(6)
    for (const each of [own, others, client]) await each.close()
  })
})

/** Makes so many requests that the next one is refused. */
async function exhaust(request: Unnumbered): Promise<void> {
  for (let n = 0; n < BURST; n++) expect((await client.ask(request)).type).toBe('result')
  expectLimited(await client.refused(request))
}

function expectLimited(refusal: Frame<'error'>): void {
  expect(refusal).toMatchObject({ code: 'rate_limited', retryable: true, field: null })
  expect(refusal.retry_after_ms).toBeGreaterThan(0)
  expect(refusal.retry_after_ms).toBeLessThanOrEqual(WAIT_MS)
}

async function openRoom(): Promise<RoomId> {
  room = await makeRoom(app, someone, [], 'public')
  return room
}
