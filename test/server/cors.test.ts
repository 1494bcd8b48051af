import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Answer, ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'

const LISTED = 'https://chat.example.com'
const FOREIGN = [
  'https://evil.example',
  'null',
  `${LISTED}.evil.example`,
  `${LISTED}/`,
  'https://CHAT.example.com',
  '*',
]
/** One path of each kind: an answer, an unknown path, a failure, the documentation, the health. */
const PATHS = ['/api/v1/rooms', '/api/v1/nope', '/api/v1/rooms?limit=0', '/nope', '/docs/json', '/healthz']

let app: TestApp

beforeAll(async () => {
  app = await startApp({ ALLOWED_ORIGINS: LISTED })
})
afterAll(() => app.close())

describe('an allowed origin', () => {
  test.each(PATHS)('may read %s, with credentials', async (path) => {
    const answer = await ask('GET', app.url + path, { headers: { origin: LISTED } })
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': LISTED,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers':
        'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Messages-Remaining',
    })
    expect(answer.headers.get('vary')).toContain('Origin')
  })

  test('passes preflights for what the contracts need', async () => {
    const answer = await preflight(LISTED, '/api/v1/rooms')
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe(LISTED)
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
    const methods = answer.headers.get('access-control-allow-methods')?.split(/, */)
    expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'DELETE']))
    const headers = answer.headers.get('access-control-allow-headers')?.toLowerCase()
    expect(headers).toContain('authorization')
    expect(headers).toContain('content-type')
    expect(answer.headers.get('vary')).toContain('Origin')
  })

  test('gets the headers on 429 as well, so that a page can read the reason', async () => {
    const busy = await startApp({
      ALLOWED_ORIGINS: LISTED,
      RATE_REQUESTS_PER_MINUTE: '1',
      DATABASE_URL: app.databaseUrl,
    })
    const headers = { origin: LISTED }
    await ask('GET', `${busy.url}/api/v1/rooms`, { headers })
    const refused = await ask('GET', `${busy.url}/api/v1/rooms`, { headers })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([429, LISTED])
    await busy.close()
  })
})

describe('a foreign origin', () => {
  test.each(FOREIGN)('%p is never reflected on any path', async (origin) => {
    for (const path of PATHS) {
      const answer = await ask('GET', app.url + path, { headers: { origin } })
      expect([path, corsOf(answer)]).toEqual([path, {}])
    }
  })

  test.each(FOREIGN)('%p does not pass a preflight', async (origin) => {
    for (const path of PATHS) expect([path, corsOf(await preflight(origin, path))]).toEqual([path, {}])
  })
})

test('without allowed origins nothing is allowed, and without an Origin header there are no CORS headers', async () => {
  const closed = await startApp({ DATABASE_URL: app.databaseUrl })
  expect(corsOf(await ask('GET', `${closed.url}/api/v1/rooms`, { headers: { origin: LISTED } }))).toEqual({})
  expect(corsOf(await ask('GET', `${app.url}/api/v1/rooms`))).toEqual({})
  await closed.close()
})

function preflight(origin: string, path: string): Promise<Answer> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, content-type',
  }
  return ask('OPTIONS', app.url + path, { headers })
}

function corsOf(answer: Answer): Record<string, string> {
  return Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('access-control-')))
}

test('caches are told that responses vary by origin, whoever asked first', async () => {
  for (const headers of [{}, { origin: 'https://evil.example' }]) {
    const answer = await ask('GET', `${app.url}/api/v1/rooms`, { headers })
    expect(answer.headers.get('vary')).toContain('Origin')
  }
})
