import { describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import { type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import { DetailShape, ErrorFrame, TextFrame } from '../support/v1-shapes.ts'

describe('requests of a client address', () => {
  test('are limited to RATE_REQUESTS_PER_MINUTE, then refused with 429 and Retry-After', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '4' }, async (app) => {
      const statuses: number[] = []
      for (const path of ['rooms', 'users', 'nope', 'rooms/999999']) {
        statuses.push((await ask('GET', `${app.url}/api/v1/${path}`)).status)
      }
      expect(statuses).toEqual([200, 200, 404, 404])
      for (const path of ['rooms', 'nope']) {
        const refused = await ask('GET', `${app.url}/api/v1/${path}`)
        expectAnswer(refused, 429, DetailShape)
        expect(refused.headers.get('retry-after')).toMatch(/^([1-9]|[1-5][0-9]|60)$/)
      }
    }))

  test('include socket handshakes', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '4' }, async (app) => {
      const { room, user } = await people(app)
      const url = `${app.wsUrl}/api/v1/ws/${room.id}/${user.id}`
      expect((await handshake(url)).status).toBe(101)
      expect((await handshake(url)).status).toBe(101)
      const refused = await handshake(url)
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }))

  test('do not include health checks and the like', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '1' }, async (app) => {
      for (let i = 0; i < 3; i++) expect((await ask('GET', `${app.url}/healthz`)).status).toBe(200)
      expect((await ask('GET', `${app.url}/readyz`)).status).toBe(200)
      expect((await ask('GET', `${app.url}/api/v1/rooms`)).status).toBe(200)
    }))

  test('are not increased by an X-Forwarded-For header from an untrusted peer', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '2' }, async (app) => {
      const statuses = await statusesFrom(app, ['1.1.1.1', '2.2.2.2', '3.3.3.3'])
      expect(statuses).toEqual([200, 200, 429])
    }))

  test('are counted per address in X-Forwarded-For from a trusted proxy', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '2', TRUSTED_PROXIES: '127.0.0.1' }, async (app) => {
      const from = ['1.1.1.1', '1.1.1.1', '1.1.1.1', '2.2.2.2', '1.1.1.1']
      expect(await statusesFrom(app, from)).toEqual([200, 200, 429, 200, 429])
    }))

  test('are not increased by addresses that a client adds on the left', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '2', TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' }, async (app) => {
      const from = [
        '9.9.9.1, 1.1.1.1',
        '9.9.9.2,1.1.1.1, 10.0.0.7',
        '1.1.1.1, junk, 1.1.1.1',
        '10.9.9.9, 2.2.2.2',
      ]
      expect(await statusesFrom(app, from)).toEqual([200, 200, 429, 200])
    }))

  test('count a whole IPv6 /64 as one', () =>
    withApp({ RATE_REQUESTS_PER_MINUTE: '2', TRUSTED_PROXIES: '127.0.0.1' }, async (app) => {
      const from = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3', '2001:db8:0:2::1']
      expect(await statusesFrom(app, from)).toEqual([200, 200, 429, 200])
    }))
})

describe('messages of a user', () => {
  const env = { RATE_MESSAGES_BURST: '3', RATE_MESSAGES_PER_SECOND: '1' }

  test('past the burst get 429 with Retry-After over REST', () =>
    withApp(env, async (app) => {
      const { room, user } = await people(app)
      const answers: Answer[] = []
      for (let i = 0; i < 20 && answers.at(-1)?.status !== 429; i++) {
        const json = { content: `${i}`, user_id: user.id }
        answers.push(await ask('POST', `${app.url}/api/v1/rooms/${room.id}/messages`, { json }))
      }
      const refused = answers.pop()
      if (refused === undefined) throw new Error('nothing was answered')
      expectAnswer(refused, 429, DetailShape)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(answers.length).toBeGreaterThanOrEqual(3)
      expect((await v1Client(app).messages(room)).length).toBe(answers.length)
    }))

  test('past the burst get an error frame on the socket, which stays open; other users are not affected', () =>
    withApp(env, async (app) => {
      const { v1, room, user } = await people(app)
      const { socket } = await v1.join(room, user)
      for (let i = 0; i < 20; i++) socket.send({ type: 'text', content: `${i}`, user_id: user.id })
      await socket.nextWhere(ErrorFrame, () => true)
      const other = await v1.user()
      await v1.say(room, other, 'from another')
      await socket.nextWhere(TextFrame, (frame) => frame.content === 'from another')
      await socket.close()
    }))
})

async function withApp(env: Record<string, string>, run: (app: TestApp) => Promise<void>): Promise<void> {
  // One database for all: what the limits count is in the server.
  database ??= createMigratedDatabase()
  const app = await startApp({ DATABASE_URL: await database, ...env })
  try {
    await run(app)
  } finally {
    await app.close()
  }
}

let database: Promise<string> | undefined

async function people(app: TestApp) {
  const v1 = v1Client(app)
  const room: V1Room = await v1.room()
  const user: V1User = await v1.user()
  return { v1, room, user }
}

async function statusesFrom(app: TestApp, addresses: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const address of addresses) {
    const headers = { 'x-forwarded-for': address }
    statuses.push((await ask('GET', `${app.url}/api/v1/rooms`, { headers })).status)
  }
  return statuses
}
