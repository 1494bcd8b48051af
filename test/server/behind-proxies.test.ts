// What the server takes from the proxies in front of it, and from the Host header, over real connections.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { login, register } from '../api/support/accounts-client.ts'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { handshake, type RawAnswer, rawRequest } from './support/raw-http.ts'

const PUBLIC = 'https://chat.example.com'

/** Trusts this machine, where the tests' requests come from. */
let trusting: TestApp
/** Trusts nobody. */
let direct: TestApp
/** Has a public address. */
let named: TestApp
let token: string
let username: string

beforeAll(async () => {
  trusting = await startApp({ TRUSTED_PROXIES: '127.0.0.1', RATE_LOGINS_PER_MINUTE: '3' })
  const databaseUrl = trusting.databaseUrl
  direct = await startApp({ DATABASE_URL: databaseUrl })
  named = await startApp({ DATABASE_URL: databaseUrl, PUBLIC_URL: PUBLIC })
  const account = await register(trusting)
  token = account.token
  username = account.username
  // Two more than a page of one.
  await register(trusting)
  await register(trusting)
})
afterAll(() => Promise.all([trusting.close(), direct.close(), named.close()]))

describe('wrong passwords count for the client’s address', () => {
  const forms: [name: string, at: (host: number) => Record<string, string>][] = [
    ['X-Forwarded-For with ports', (n) => ({ 'x-forwarded-for': `198.51.100.1:${40_000 + n}` })],
    [
      'X-Forwarded-For with IPv6 and ports',
      (n) => ({ 'x-forwarded-for': `[2001:db8:1:1::${n}]:${4000 + n}` }),
    ],
    ['Forwarded', (n) => ({ forwarded: `for=6.6.6.${n}, for="198.51.100.2:${40_000 + n}";proto=https` })],
    ['X-Forwarded-For with spaces', (n) => ({ 'x-forwarded-for': ` 6.6.6.${n} ,  198.51.100.3 ` })],
  ]

  test.each(forms)('by %s', async (_, headers) => {
    const statuses: number[] = []
    for (let n = 1; n <= 11; n++) statuses.push(await guess(trusting, headers(n)))
    expect(statuses).toEqual([...Array(9).fill(401), 429, 429])
  })

  test('and not for the proxy', async () => {
    expect(await guess(trusting, {})).toBe(401)
  })
})

describe('through a trusted proxy', () => {
  test.each([
    [{ 'x-forwarded-proto': 'https,http' }],
    [{ 'x-forwarded-proto': 'HTTPS' }],
    [{ 'x-forwarded-proto': 'wss' }],
    [{ forwarded: 'for=1.1.1.1;proto=https' }],
  ])('%j makes cookies Secure and links https', async (headers) => {
    const answer = await login(trusting, username, headers)
    expect(answer.setCookie).toMatch(/; Secure(;|$)/)
    expect(await link(trusting, 'chat.example.com', headers)).toStartWith(`<${PUBLIC}/api/users/?`)
  })

  test('the public host and prefix are in links', async () => {
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'chat.example.com:443, inner:8000',
      'x-forwarded-prefix': '/team',
    }
    expect(await link(trusting, 'backend:8000', headers)).toStartWith(`<${PUBLIC}/team/api/users/?`)
  })

  test('pages of the public origin are own pages, with the port spelled out in Host or not', async () => {
    const cookie = (await login(trusting, username, {})).cookie
    const proto = { 'x-forwarded-proto': 'https' }
    for (const headers of [
      { host: 'chat.example.com:443', ...proto },
      { host: 'chat.example.com', ...proto },
      { host: 'backend:8000', 'x-forwarded-host': 'chat.example.com', ...proto },
    ]) {
      const ticket = (origin: string) =>
        ask('POST', `${trusting.url}/api/auth/ticket`, {
          headers: { cookie, origin, ...headers },
        })
      expect([headers, (await ticket(PUBLIC)).status]).toEqual([headers, 200])
      expect([headers, (await ticket('http://chat.example.com')).status]).toEqual([headers, 403])
      const { host, ...forwarded } = headers
      const socket = { ...forwarded, Host: host, Cookie: cookie, Origin: PUBLIC }
      expect((await handshake(`${trusting.wsUrl}/api/v2/socket`, socket)).status).toBe(101)
    }
  })
})

describe('from anyone else', () => {
  test('no such header counts, and one warning says so', async () => {
    const warnings = () => direct.logs().filter((line) => line.includes('"TRUSTED_PROXIES: '))
    expect(warnings()).toEqual([])
    const headers = {
      'x-forwarded-for': '1.1.1.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-prefix': '/evil',
    }
    for (let i = 0; i < 3; i++) {
      expect(await link(direct, 'own.example', headers)).toStartWith('<http://own.example/api/users/?')
    }
    expect((await login(direct, username, headers)).setCookie).not.toContain('Secure')
    expect(warnings()).toEqual([expect.stringMatching(/"level":40.*127\.0\.0\.1.*x-forwarded-for/)])
  })

  test('a trusted proxy is not warned of', () => {
    expect(trusting.logs().filter((line) => line.includes('"TRUSTED_PROXIES: '))).toEqual([])
  })
})

describe('a Host', () => {
  const request = (app: TestApp, hosts: readonly string[], version = '1.1') => {
    const lines = [...hosts.map((host) => `Host: ${host}`), `Authorization: Token ${token}`]
    return rawRequest(app.url, `GET /api/users/?limit=1 HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`)
  }

  test('that is missing or empty is no fault, and links are of the public address', async () => {
    for (const ask of [
      (app: TestApp) => request(app, [], '1.0'),
      (app: TestApp) => request(app, [''], '1.0'),
      (app: TestApp) => request(app, ['']),
    ]) {
      const { port } = new URL(direct.url)
      expect(linkOf(await ask(direct))).toStartWith(`<http://localhost:${port}/api/users/?`)
      expect(linkOf(await ask(named))).toStartWith(`<${PUBLIC}/api/users/?`)
    }
  })

  test.each([
    [['a.example', 'b.example']],
    [['a.example', 'a.example']],
    [['', 'a.example']],
    [['a.example', '']],
    [['a.example, b.example']],
    [['a b']],
    [['<script>']],
    [['a/b']],
    [['u@a']],
    [['a:99999']],
    [['[::1']],
    [['1.2.3.4.5']],
    [['b\u00fccher.example']],
  ])('of %j is 400 in the shape of the contract, and in no answer', async (hosts) => {
    for (const app of [direct, trusting, named]) {
      const answer = await request(app, hosts)
      expect([answer.status, answer.json]).toEqual([400, { error: 'The Host header is not valid' }])
      for (const host of hosts.filter((each) => each !== '')) expect(answer.text).not.toContain(host)
    }
  })

  test('of a stranger is in no link where the public address is set, and its pages are foreign', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
    expect(await link(named, 'evil.example', headers)).toStartWith(`<${PUBLIC}/api/users/?`)
    const { cookie, setCookie } = await login(named, username, { origin: PUBLIC })
    expect(setCookie).toContain('Secure')
    for (const [origin, status] of [
      ['https://evil.example', 403],
      ['http://evil.example', 403],
      [PUBLIC, 200],
    ] as const) {
      const answer = await ask('POST', `${named.url}/api/auth/ticket`, {
        headers: { cookie, origin, ...headers },
      })
      expect([origin, answer.status]).toEqual([origin, status])
    }
  })
})

test('nothing of all this was a fault of the server', () => {
  const faults = [trusting, direct, named].flatMap((app) =>
    app.logs().filter((line) => /"level":(50|60)/.test(line)),
  )
  expect(faults).toEqual([])
})

let names = 0

/** A wrong password for an account that nobody else guesses at. */
async function guess(app: TestApp, headers: Record<string, string>): Promise<number> {
  const json = { username: `guessed${++names}`, password: 'wrong password' }
  return (await ask('POST', `${app.url}/api/auth/login`, { json, headers })).status
}

async function link(app: TestApp, host: string, headers: Record<string, string>): Promise<string> {
  const answer = await ask('GET', `${app.url}/api/users/?limit=1`, { token, headers: { ...headers, host } })
  return answer.headers.get('link') ?? `${answer.status} ${answer.text}`
}

function linkOf(answer: RawAnswer): string {
  return answer.headers.get('link') ?? `${answer.status} ${answer.text}`
}
