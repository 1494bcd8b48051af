// Making accounts: a limit of its own, in every contract's shape, and a flood of it keeps nobody from signing in.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ProblemDetails } from '../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { PASSWORD, register } from '../support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import { DetailShape } from '../support/v1-shapes.ts'

const LIMIT = 4
const WAYS = ['/api/auth/register', '/api/v2/users', '/api/v1/users'] as const

let sources = 0

describe('new accounts', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ RATE_REGISTRATIONS_PER_MINUTE: `${LIMIT}`, TRUSTED_PROXIES: '127.0.0.1' })
  })
  afterAll(() => app.close())

  test.each(WAYS)(
    'over %s are limited per minute for one address, independent of other addresses',
    async (path) => {
      const [here, elsewhere] = [address(), address()]
      const answers: Answer[] = []
      for (let i = 0; i < LIMIT + 2; i++) answers.push(await make(app, path, here))
      expect(answers.map(({ status }) => status < 300)).toEqual([true, true, true, true, false, false])
      for (const refused of answers.slice(LIMIT)) {
        const body = expectAnswer(refused, 429, path === '/api/v2/users' ? ProblemDetails : DetailShape)
        expect(body.detail).toBe('Too many new accounts from this address, try again later')
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
        expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
      }
      expect((await make(app, path, elsewhere)).status).toBeLessThan(300)
    },
  )

  test('over all routes count together, also when requested simultaneously', async () => {
    const here = address()
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => make(app, WAYS[i % 3] ?? WAYS[0], here)),
    )
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(LIMIT)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(12 - LIMIT)
  })

  test('do not count as wrong passwords, nor wrong passwords as new accounts', async () => {
    const here = address()
    for (let i = 0; i < LIMIT + 1; i++) await make(app, '/api/auth/register', here)
    const { username } = await register(app)
    const headers = { 'x-forwarded-for': here }
    const json = { username, password: PASSWORD }
    expect((await ask('POST', `${app.url}/api/auth/login`, { json, headers })).status).toBe(200)
  })
})

test('are limited to 20 per minute and address by default', async () => {
  const app = await startApp({ RATE_REGISTRATIONS_PER_MINUTE: '' })
  const answers = await Promise.all(Array.from({ length: 40 }, () => make(app, '/api/v1/users')))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
  await app.close()
})

test('while registration is closed nobody can create an account, and existing accounts can sign in', async () => {
  const open = await startApp()
  const { username } = await register(open)
  const closed = await startApp({ DATABASE_URL: open.databaseUrl, REGISTRATION: 'closed' })
  const statuses = { '/api/auth/register': 403, '/api/v2/users': 403, '/api/v1/users': 401 } as const
  for (const path of WAYS) {
    const shape = path === '/api/v2/users' ? ProblemDetails : DetailShape
    const refused = await make(closed, path)
    expect(expectAnswer(refused, statuses[path], shape).detail).toBe('Registration is closed')
  }
  const json = { username, password: PASSWORD }
  expect((await ask('POST', `${closed.url}/api/auth/login`, { json })).status).toBe(200)
  await Promise.all([open.close(), closed.close()])
})

test('a flood of registrations from many addresses does not block sign-ins', async () => {
  const app = await startApp({
    PASSWORD_HASH_CONCURRENCY: '1',
    PASSWORD_HASH_QUEUE: '16',
    TRUSTED_PROXIES: '127.0.0.1',
  })
  const people = await Promise.all(Array.from({ length: 5 }, () => register(app)))
  const flood = Array.from({ length: 200 }, () => make(app, '/api/auth/register', address()))
  const answers = await Promise.all(
    people.flatMap(({ username }) => {
      const json = { username, password: PASSWORD }
      return [
        ask('POST', `${app.url}/api/auth/login`, { json, headers: { 'x-forwarded-for': address() } }),
        ask('POST', `${app.url}/api/v2/tokens`, { json, headers: { 'x-forwarded-for': address() } }),
      ]
    }),
  )
  expect(answers.map(({ status }) => status)).toEqual(people.flatMap(() => [200, 201]))
  const statuses = (await Promise.all(flood)).map(({ status }) => status)
  expect(statuses.every((status) => status === 201 || status === 503)).toBe(true)
  // It was a flood.
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(100)
  await app.close()
})

/** One that nobody else has. */
function address(): string {
  sources++
  return `172.17.${sources >> 8}.${sources & 255}`
}

function make(app: TestApp, path: (typeof WAYS)[number], from = '172.18.0.1'): Promise<Answer> {
  const username = `new${crypto.randomUUID()}`
  const json = path === '/api/v1/users' ? { username } : { username, password: PASSWORD }
  return ask('POST', app.url + path, { json, headers: { 'x-forwarded-for': from } })
}
