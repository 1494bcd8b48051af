import { afterAll, afterEach, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { PASSWORD, register } from '../support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import { DetailShape } from '../support/v1-shapes.ts'

const LIMIT = 3

let app: TestApp
const hashing = spyOn(Bun.password, 'verify')

beforeAll(async () => {
  app = await startApp({ TRUSTED_PROXIES: '127.0.0.1', RATE_LOGINS_PER_MINUTE: `${LIMIT}` })
})
afterEach(() => {
  hashing.mockClear()
})
afterAll(async () => {
  hashing.mockRestore()
  await app.close()
})

describe('sign-ins with a wrong password and with an unknown user', () => {
  test('get the same response after the same work', async () => {
    for (const path of ['/api/auth/login', '/api-token-auth/']) {
      const known = (await register(app)).username
      const bare = `bare${crypto.randomUUID()}`
      await ask('POST', `${app.url}/api/v1/users`, { json: { username: bare } })
      const cases = {
        'a wrong password': [known, 'wrong password'],
        'an unknown user': [`nobody${crypto.randomUUID()}`, 'wrong password'],
        'a user without a password': [bare, 'wrong password'],
        'a name that nobody can have': ['no / name', 'wrong password'],
        'a name that is too long': ['x'.repeat(1000), 'wrong password'],
        'NUL in the name': ['a\0b', 'wrong password'],
        'a password that is too long': [known, `${PASSWORD}${'x'.repeat(1000)}`],
      }
      const seen: [string, unknown][] = []
      for (const [name, [username = '', password = '']] of Object.entries(cases)) {
        hashing.mockClear()
        const answer = await guess(username, password, '', path)
        const headers = [...answer.headers].filter(([header]) => header !== 'date')
        seen.push([name, { status: answer.status, body: answer.text, headers, work: workDone() }])
      }
      const first = seen[0]?.[1]
      expect(seen).toEqual(seen.map(([name]) => [name, first]))
      const status = path === '/api/auth/login' ? 401 : 400
      expect(first).toMatchObject({ status, work: ['argon2id m=19456,t=2'] })
    }
  })
})

describe('wrong passwords', () => {
  test('for one account are stopped, even if they come from many addresses', async () => {
    const { username } = await register(app)
    const answers = await guessFromMany(username, 100)
    expectStopped(answers, LIMIT)
    // Stopped means stopped: the right password from yet another address does not get through either.
    expectAnswer(await guess(username, PASSWORD, '2001:db8::1'), 429, DetailShape)
  })

  test('for an account that does not exist are stopped in the same way', async () => {
    expectStopped(await guessFromMany(`ghost${crypto.randomUUID()}`, 20), LIMIT)
  })

  test('for several spellings of one name count for one account', async () => {
    const { username } = await register(app, `spelled${crypto.randomUUID().slice(0, 8)}`)
    const spellings = [
      username,
      username.toUpperCase(),
      username.replace('s', 'ｓ'),
      username.replace('e', 'E'),
    ]
    const answers: Answer[] = []
    for (const [i, spelling] of spellings.entries()) {
      answers.push(await guess(spelling, 'wrong password', `10.1.0.${i}`))
    }
    expectStopped(answers, LIMIT)
  })

  test('over both sign-in routes count together', async () => {
    const { username } = await register(app)
    const statuses: number[] = []
    for (let i = 0; i < LIMIT + 2; i++) {
      const path = i % 2 === 0 ? '/api/auth/login' : '/api-token-auth/'
      statuses.push((await guess(username, 'wrong password', `10.2.0.${i}`, path)).status)
    }
    expect(statuses).toEqual([401, 400, 401, 429, 429])
  })

  test('from one address are stopped after three times as many, for whichever accounts', async () => {
    const answers: Answer[] = []
    for (let i = 0; i < LIMIT * 3 + 3; i++) {
      answers.push(await guess(`guessed${i}`, 'wrong password', `2001:db8:7:7::${i + 1}`))
    }
    expectStopped(answers, LIMIT * 3)
  })

  test('that are sent simultaneously are counted', async () => {
    const { username } = await register(app)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => guess(username, 'wrong password', `10.3.0.${i}`)),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(LIMIT)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30 - LIMIT)
  })

  test('do not include correct ones', async () => {
    const { username } = await register(app)
    for (let i = 0; i < LIMIT + 2; i++) {
      expect((await guess(username, PASSWORD, '10.4.0.1')).status).toBe(200)
    }
  })
})

describe('password hashes', () => {
  test('past the queue are refused with 503 and Retry-After, and the others are computed', async () => {
    const small = await startApp({
      DATABASE_URL: app.databaseUrl,
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_QUEUE: '1',
    })
    const refused = await until(async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => {
          const json = { username: `many${crypto.randomUUID()}`, password: PASSWORD }
          return ask('POST', `${small.url}/api/auth/register`, { json })
        }),
      )
      expect(answers.every(({ status }) => status === 201 || status === 503)).toBe(true)
      expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(2)
      return answers.find(({ status }) => status === 503)
    }, 'the queue to be full')
    expectAnswer(refused, 503, DetailShape)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    await register(small)
    await small.close()
  })
})

/** How often a password was verified since the last call, and against hashes of which cost. */
function workDone(): string[] {
  return hashing.mock.calls.map(([, hash]) => {
    const [, algorithm, , cost] = String(hash).split('$')
    return `${algorithm} ${cost?.replace(/,p=1$/, '')}`
  })
}

function expectStopped(answers: readonly Answer[], after: number): void {
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, i) => (i < after ? 401 : 429)))
  for (const refused of answers.slice(after)) {
    expectAnswer(refused, 429, DetailShape)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  }
  // What is stopped costs no hash.
  expect(hashing).toHaveBeenCalledTimes(after)
}

async function guessFromMany(username: string, count: number): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let i = 0; i < count; i++)
    answers.push(await guess(username, `guess ${i}`, `10.0.${i >> 8}.${i & 255}`))
  return answers
}

let sources = 0

/** From the address, or from one that nobody else has. */
function guess(username: string, password: string, address = '', path = '/api/auth/login'): Promise<Answer> {
  const headers = {
    'x-forwarded-for': address === '' ? `172.16.${++sources >> 8}.${sources & 255}` : address,
  }
  return ask('POST', app.url + path, { json: { username, password }, headers })
}
