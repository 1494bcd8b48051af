import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { bodiesIn, enter } from '../support/rooms.ts'
import { connect, type Unnumbered, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let room: RoomId
let client: V2Client

beforeAll(async () => {
  app = await startApp()
  owner = await person(app)
  room = await makeRoom(app, owner)
  client = await connect(app, owner)
  await enter(client, room)
})
afterAll(async () => {
  await client.close()
  await app.close()
})

describe('each request is answered exactly once', () => {
  test('for five hundred of every kind, sent without waiting', async () => {
    const other = await makeRoom(app, owner)
    // Of another connection, so that the room that this one hears is not lost to it.
    const busy = await connect(app, owner)
    const kinds: ((n: number) => Unnumbered)[] = [
      (n) => ({ type: 'send', room: other, body: `message ${n}` }),
      () => ({ type: 'ping' }),
      (n) => ({ type: 'edit', room: other, seq: 1 + (n % 50), body: `edited ${n}` }),
      (n) => ({ type: 'read', room: other, seq: n }),
      (n) => ({ type: 'delivered', room: other, seq: n }),
      (n) => ({ type: 'typing', room: other, typing: n % 2 === 0 }),
      (n) => ({ type: 'subscribe', room: other, ...(n % 3 === 0 ? {} : { after: 1 }) }),
      (n) => ({ type: 'delete', room: other, seq: 2 + (n % 50) }),
      () => ({ type: 'unsubscribe', room: other }),
      () => ({ type: 'auth', token: owner.token }),
    ]
    for (let n = 0; n < 500; n++) {
      const request = kinds[n % kinds.length]?.(n)
      if (request !== undefined) busy.askAs({ ...request, id: `request ${n}` })
    }
    await busy.until(() => busy.unanswered === 0, 'all answers')
    await busy.settled()
    expect([...busy.all('result'), ...busy.all('error')]).toHaveLength(501)
    const refused = new Set(busy.all('error').map(({ code }) => code))
    // What waits is bounded; what was deleted is gone; who subscribes again takes the place of who waits.
    for (const code of refused) expect(['overloaded', 'not_found', 'conflict']).toContain(code)
    await busy.close()
  })

  test('for five hundred messages, in the order of sending', async () => {
    for (let n = 0; n < 500; n++) client.askAs({ type: 'send', id: `said ${n}`, room, body: `${n}` })
    await client.until(() => client.unanswered === 0, 'all answers')
    await client.until(() => bodiesIn(client, room).length >= 500, 'all messages')
    expect(bodiesIn(client, room)).toEqual(Array.from({ length: 500 }, (_, n) => `${n}`))
    const numbers = client.all('result').flatMap(({ data }) => ('message' in data ? data.seq : []))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  test('for repeated ids, each time once', async () => {
    const from = client.frames.length
    for (let n = 0; n < 20; n++) client.askAs({ type: 'ping', id: 'again' })
    client.askAs({ type: 'edit', id: 'again', room, seq: 1, body: 'no message' })
    await client.until(() => client.unanswered === 0, 'all answers')
    expect(client.all('result', from)).toHaveLength(20)
    expect(client.all('error', from)).toMatchObject([{ id: 'again', code: 'not_found' }])
  })

  test.each([1, Number.MAX_SAFE_INTEGER, 'a', '1', 'ü'.repeat(64), '"\\\u2028'])(
    'under the id %p',
    async (id) => {
      const from = client.frames.length
      client.askAs({ type: 'ping', id })
      expect(await client.heard('result', () => true, from)).toEqual({ type: 'result', id, data: {} })
    },
  )
})

describe('a request without an id', () => {
  test('is carried out without a response', async () => {
    const from = client.frames.length
    client.askAs({ type: 'send', room, body: 'without an id' })
    const { seq } = await client.heard(['message', 'edited', 'deleted'], () => true, from)
    client.askAs({ type: 'edit', room, seq, body: 'edited without an id' })
    await client.until(() => bodiesIn(client, room).at(-1) === 'edited without an id', 'the edit')
    client.askAs({ type: 'read', room, seq })
    await client.heard('marks', ({ read_seq }) => read_seq === seq, from)
    client.askAs({ type: 'delete', room, seq })
    await client.heard(['message', 'edited', 'deleted'], ({ type }) => type === 'deleted', from)
    client.askAs({ type: 'ping' })
    client.askAs({ type: 'auth', token: owner.token })
    await client.settled()
    expect(client.all('result', from)).toHaveLength(1)
    expect(client.all('error', from)).toEqual([])
  })

  test('gets an error without an id if it is refused', async () => {
    const from = client.frames.length
    const requests: Unnumbered[] = [
      { type: 'send', room, body: '' },
      { type: 'send', room: 4_000_000, body: 'hello' },
      { type: 'edit', room, seq: 1, body: 'no message' },
      { type: 'read', room: 4_000_000, seq: 1 },
      { type: 'typing', room: 4_000_000, typing: true },
      { type: 'subscribe', room: 4_000_000 },
    ]
    for (const request of requests) client.askAs(request)
    await client.until(() => client.all('error', from).length === requests.length, 'the refusals')
    expect(client.all('error', from).map(({ id }) => id)).toEqual(requests.map(() => null))
  })

  test('cannot subscribe, because the response is needed', async () => {
    const other = await connect(app, owner)
    other.askAs({ type: 'subscribe', room })
    expect(await other.heard('error')).toMatchObject({ id: null, code: 'invalid', field: 'id' })
    await other.settled()
    expect(other.all('live')).toEqual([])
    await other.close()
  })
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})
