// What is left of the limits is told, before a client runs into them.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Message } from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { type Answer, ask } from '../api/support/rest.ts'
import { parse } from '../api/support/shape.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { FakeClock } from '../core/fakes/clock.ts'
import { startApp, type TestApp } from '../support/app.ts'

describe('requests', () => {
  let app: TestApp
  const LIMIT = 12
  beforeAll(async () => {
    app = await startApp({ RATE_REQUESTS_PER_MINUTE: `${LIMIT}` })
  })
  afterAll(() => app.close())

  test('have responses with the limit, what is left of it, and the seconds until it is fully available', async () => {
    const paths = ['/api/v2/me', '/api/v1/rooms', '/nope', '/docs/json', '/api/v2/rooms?limit=0', '/healthz']
    let left = LIMIT
    for (const path of [...paths, ...paths, ...paths]) {
      const answer = await ask('GET', app.url + path)
      if (path === '/healthz') {
        expect([path, limitOf(answer)]).toEqual([path, [null, null]])
        continue
      }
      left = Math.max(0, left - 1)
      expect([path, limitOf(answer)]).toEqual([path, [`${LIMIT}`, `${left}`]])
      expect([path, answer.status === 429]).toEqual([path, answer.headers.has('retry-after')])
      const reset = Number(answer.headers.get('ratelimit-reset'))
      expect(reset).toBeGreaterThan(0)
      expect(reset).toBeLessThanOrEqual(60)
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe(`${reset}`)
    }
    expect(left).toBe(0)
  })
})

describe("a user's requests", () => {
  test('are limited by their own budget, over REST and sockets, whatever is left for the address', async () => {
    const app = await startApp(
      { RATE_USER_REQUESTS_PER_SECOND: '1', RATE_USER_REQUESTS_BURST: '3' },
      { clock: new FakeClock() },
    )
    const [one, other] = [await person(app), await person(app)]
    const me = async ({ token }: Person) =>
      ask('GET', `${app.url}/api/v2/me`, { headers: { authorization: `Bearer ${token}` } })
    for (let i = 0; i < 3; i++) expect((await me(one)).status).toBe(200)
    const refused = await me(one)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await me(other)).status).toBe(200)
    await app.close()
  })
})

describe('messages', () => {
  let app: TestApp
  let someone: Person
  let room: RoomId
  const clock = new FakeClock()
  const BURST = 6
  beforeAll(async () => {
    app = await startApp({ RATE_MESSAGES_PER_SECOND: '1', RATE_MESSAGES_BURST: `${BURST}` }, { clock })
    someone = await person(app)
    room = await makeRoom(app, someone)
  })
  afterAll(() => app.close())

  test('have responses with how many more may be sent at once, over REST and sockets together', async () => {
    const client = await connect(app, someone)
    const say = (body: string) => client.ask({ type: 'send', room, body })
    const ping = await client.ask({ type: 'ping' })
    expect(ping).not.toHaveProperty('remaining')
    expect(await say('one')).toMatchObject({ remaining: 5 })

    const path = `/api/v2/rooms/${room}/messages`
    const sent = await rest('POST', path, { body: 'two' })
    const { seq } = parse(Message, sent.json)
    const edited = await rest('PATCH', `${path}/${seq}`, { body: 'too' })
    const deleted = await rest('DELETE', `${path}/${seq}`)
    expect([sent, edited, deleted].map(remainingOf)).toEqual(['4', '3', '2'])
    expect(remainingOf(await rest('GET', path))).toBeNull()

    expect(await say('three')).toMatchObject({ remaining: 1 })
    expect(await say('four')).toMatchObject({ remaining: 0 })
    expect(await client.refused({ type: 'send', room, body: 'five' })).toMatchObject({ code: 'rate_limited' })
    await clock.advance(2000)
    expect(await say('five')).toMatchObject({ remaining: 1 })
    await client.close()
  })

  function rest(method: string, path: string, json?: unknown): Promise<Answer> {
    return ask(method, app.url + path, { token: someone.token, ...(json === undefined ? {} : { json }) })
  }
})

function limitOf({ headers }: Answer): (string | null)[] {
  return [headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]
}

function remainingOf({ headers }: Answer): string | null {
  return headers.get('x-messages-remaining')
}
