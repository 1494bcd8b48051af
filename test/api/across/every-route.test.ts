// What holds for every route of every contract, by the server's own document of them.
import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import fc from 'fast-check'
import { startApp, type TestApp } from '../../support/app.ts'
import { createJudge } from '../support/judge.ts'
import type { Ask } from '../support/rest.ts'
import { type Route, routesOf } from '../support/routes.ts'
import { type V1Room, type V1User, v1Client } from '../support/v1-client.ts'

let app: TestApp
let routes: Route[]
let room: V1Room
let user: V1User

beforeAll(async () => {
  app = await startApp()
  routes = await routesOf(app)
  const v1 = v1Client(app)
  user = await v1.user()
  room = await v1.room('here', { token: user.token })
  await v1.say(room, user, 'hello')
})
afterAll(() => app.close())

describe('every response of every route is documented:', () => {
  test('there are routes to check', () => {
    expect(routes.length).toBeGreaterThan(15)
    expect(routes.filter((route) => route.fields !== null).length).toBeGreaterThan(5)
  })

  test('for a request without a credential, or with a wrong one', async () => {
    const judge = createJudge(app)
    for (const route of routes) {
      await judge.ask(route, fill(route.path), {})
      await judge.ask(route, fill(route.path), { token: '0'.repeat(40) })
      await judge.ask(route, fill(route.path), { headers: { authorization: 'nonsense' } })
      await judge.ask(route, fill(route.path), { headers: { cookie: 'parley_session=%ZZ; ;=' } })
    }
    expect(judge.findings()).toEqual([])
  })

  test('for a foreign page that uses the session cookie', async () => {
    const judge = createJudge(app)
    for (const route of routes) {
      const { token } = await v1Client(app).user()
      const headers = { cookie: `parley_session=${token}`, origin: 'https://evil.example' }
      const harmless = route.method === 'GET' && !route.socket
      // Whether it is the body or the origin that is refused first: nothing is done.
      const expected = harmless ? route.statuses : [400, isV1(route) ? 401 : 403]
      // Who signs in needs no session.
      if (route.fields?.includes('password') || route.path === '/api/v1/users') continue
      await judge.ask(route, fill(route.path), { headers, ...emptyBody(route) }, expected)
    }
    expect(judge.findings()).toEqual([])
  })

  test('for any value in the path', async () => {
    const judge = createJudge(app)
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      for (const value of hostile) {
        const path = route.path.replaceAll(/\{[^}]+\}/g, value)
        await judge.ask(route, path, { token: user.token, ...emptyBody(route) })
      }
    }
    expect(judge.findings()).toEqual([])
  })

  test('for any value in the query', async () => {
    const judge = createJudge(app)
    for (const route of routes) {
      for (const name of route.queries) {
        for (const value of [...hostile, '', `1&${name}=2`, '5&unknown=1']) {
          await judge.ask(route, `${fill(route.path)}?${name}=${value}`, { token: user.token })
        }
      }
    }
    expect(judge.findings()).toEqual([])
  })

  test('for an empty or malformed body', async () => {
    const judge = createJudge(app)
    const invalidUtf8 = new Uint8Array([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d])
    const texts = ['', '{', 'null', '[]', '"text"', '42', '{"a":1}x', '{a:1}', '['.repeat(60_000)]
    for (const route of withBody()) {
      for (const body of [...texts, invalidUtf8].filter((each) => each !== '' || !route.mayBeEmpty))
        await judge.ask(route, fill(route.path), { body, token: user.token }, [400])
    }
    expect(judge.findings()).toEqual([])
  })

  test('for a body that is deep or wide, in every field', async () => {
    const judge = createJudge(app)
    for (const route of withBody()) {
      for (const value of large) {
        const fields = (route.fields ?? []).map((name) => `"${name}":${value}`)
        const bodies = [value, ...fields.map((field) => `{${field}}`), `{"extra":${value}}`]
        for (const body of bodies)
          await judge.ask(route, fill(route.path), { body, token: user.token }, [400])
      }
    }
    expect(judge.findings()).toEqual([])
  })

  test('and no error repeats the refused input', async () => {
    const writing = spyOn(JSON, 'stringify')
    const judge = createJudge(app)
    for (const route of withBody()) {
      const fields = (route.fields ?? []).map((name) => `"${name}":[[${'1,'.repeat(20_000)}1]]`)
      for (const field of fields)
        await judge.ask(route, fill(route.path), { body: `{${field}}`, token: user.token }, [400])
    }
    const longest = Math.max(...writing.mock.results.map(({ value }) => String(value).length))
    writing.mockRestore()
    expect(judge.findings()).toEqual([])
    expect(longest).toBeLessThan(1000)
  })

  test('for a body of a wrong content type', async () => {
    const judge = createJudge(app)
    const types = [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      '?',
    ]
    for (const route of withBody()) {
      for (const type of types) {
        const options = { body: '{}', headers: { 'content-type': type }, token: user.token }
        await judge.ask(route, fill(route.path), options, [isV1(route) ? 400 : 415])
      }
    }
    expect(judge.findings()).toEqual([])
  })

  test('for a body that is too large, with a Content-Length or in chunks', async () => {
    const judge = createJudge(app)
    const text = `{"a":"${'x'.repeat(65_536)}"}`
    for (const route of withBody()) {
      for (const body of [text, inChunks(text)])
        await judge.ask(route, fill(route.path), { body, token: user.token }, [isV1(route) ? 400 : 413])
    }
    expect(judge.findings()).toEqual([])
  })

  test('for any JSON', async () => {
    for (const route of withBody()) {
      const fields = Object.fromEntries((route.fields ?? []).map((name) => [name, anything]))
      const body = fc.oneof(fc.jsonValue(), fc.record(fields, { requiredKeys: [] }))
      const property = fc.asyncProperty(body, async (json) => {
        const judge = createJudge(app)
        await judge.ask(route, fill(route.path), { json, token: user.token })
        expect(judge.findings()).toEqual([])
      })
      // A good password costs a hash.
      await fc.assert(property, { numRuns: 'password' in fields ? 15 : 40 })
    }
  })
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

/** JSON as large as a body may be, deep or wide, which is of no field. */
const large = [
  `${'['.repeat(31_000)}${']'.repeat(31_000)}`,
  `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  `[${'1,'.repeat(31_000)}1]`,
  `[${'[],'.repeat(20_000)}1]`,
  `{${Array.from({ length: 6000 }, (_, n) => `"k${n}":1`).join()}}`,
  `${'['.repeat(60)}${'1,'.repeat(30_000)}1${']'.repeat(60)}`,
]

/** What a path's parameter or a query's value may be, percent-encoded as it is sent. */
const hostile = [
  ...[
    '0',
    '-1',
    '1.5',
    '1e3',
    '1e400',
    '9007199254740993',
    '9'.repeat(300),
    'NaN',
    'null',
    'true',
    'x',
    '%20',
  ],
  ...[
    '%00',
    '%ff',
    '%ZZ',
    '%ed%a0%80',
    '%E2%80%AE',
    '%F0%9F%98%80',
    "'%20or%201=1--",
    '%2e%2e%2f',
    '%25',
    '+',
  ],
]

/** Any JSON, with what has broken others before, and what is nearly right. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', ' ', '\0', '\ud800', 'text', 'here', '1', 'x'.repeat(5000), '__proto__'),
  fc.constantFrom(0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, -0),
  fc.constantFrom(null, [], {}, [1], [1, 1], [[]], [null], { toString: '' }, true, false),
)

function withBody(): Route[] {
  return routes.filter((route) => route.fields !== null)
}

/** The path with its parameters filled in as well as they can be. */
function fill(path: string): string {
  return path
    .replaceAll('{room}', 'here')
    .replaceAll('{user_id}', user.id)
    .replaceAll(/\{[^}]+\}/g, room.id)
}

function emptyBody(route: Route): Ask {
  return route.fields === null ? {} : { json: {} }
}

function isV1(route: Route): boolean {
  return route.path.startsWith('/api/v1/')
}

function inChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 8192) controller.enqueue(bytes.subarray(at, at + 8192))
      controller.close()
    },
  })
}
