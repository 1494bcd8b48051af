// A page of another origin learns nothing from its browser but that the call failed, so the server's log says why.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { refusedOriginWarning } from '../../src/server/index.ts'
import { login, register } from '../api/support/accounts-client.ts'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { loggerTo } from '../support/log-lines.ts'
import { handshake } from './support/raw-http.ts'

let databaseUrl: string
let first: TestApp

beforeAll(async () => {
  first = await startApp()
  databaseUrl = first.databaseUrl
})
afterAll(() => first.close())

/** Every way for a page to be refused, each on a server of its own, which has told nothing yet. */
const refused: [name: string, act: (app: TestApp, origin: string) => Promise<unknown>][] = [
  ['reading', (app, origin) => ask('GET', `${app.url}/api/v1/rooms`, { headers: { origin } })],
  [
    'a preflight',
    (app, origin) =>
      ask('OPTIONS', `${app.url}/api/v2/tokens`, {
        headers: { origin, 'access-control-request-method': 'POST' },
      }),
  ],
  ['a sign-in', (app, origin) => login(app, 'nobody', { origin }).catch(() => undefined)],
  [
    'a socket with the cookie',
    async (app, origin) => {
      const { cookie } = await login(app, (await register(app)).username)
      await handshake(`${app.wsUrl}/api/v2/socket`, { Cookie: cookie, Origin: origin })
    },
  ],
]

test.each(refused)('%s names the origin and the setting in one line', async (_, act) => {
  const app = await startApp({ DATABASE_URL: databaseUrl })
  for (let i = 0; i < 3; i++) await act(app, 'https://frontend.example')
  expect(lines(app)).toEqual([
    expect.stringMatching(/"level":40.*"origin":"https:\/\/frontend\.example".*add it to ALLOWED_ORIGINS/),
  ])
  await app.close()
})

test('an own page, a listed one, a program and a socket that opens are not told', async () => {
  const app = await startApp({ DATABASE_URL: databaseUrl, ALLOWED_ORIGINS: 'https://frontend.example' })
  const { token } = await register(app)
  for (const origin of [app.url, app.url.replace('http:', 'https:'), 'https://frontend.example']) {
    await ask('GET', `${app.url}/api/v1/rooms`, { headers: { origin } })
  }
  await ask('GET', `${app.url}/api/v1/rooms`)
  const socket = await handshake(`${app.wsUrl}/api/v2/socket?token=${token}`, {
    Origin: 'https://app.example',
  })
  expect([socket.status, lines(app)]).toEqual([101, []])
  await app.close()
})

test('in development pages of this machine may call, with credentials', async () => {
  const app = await startApp({ DATABASE_URL: databaseUrl, NODE_ENV: 'development' })
  const origin = 'http://localhost:5173'
  const preflight = await ask('OPTIONS', `${app.url}/api/v2/rooms`, {
    headers: { origin, 'access-control-request-method': 'POST' },
  })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
  const { cookie } = await login(app, (await register(app)).username, { origin })
  const ticket = await ask('POST', `${app.url}/api/auth/ticket`, { headers: { origin, cookie } })
  expect([ticket.status, ticket.headers.get('access-control-allow-credentials')]).toEqual([200, 'true'])
  expect(lines(app)).toEqual([])
  await app.close()
})

test('origins that clients make up fill neither the log nor the memory', () => {
  const { log, lines } = loggerTo('trace')
  const tell = refusedOriginWarning(log)
  for (const junk of ['', 'x', 'https://a.example/', `https://${'a'.repeat(300)}\n`]) tell(junk, 'http://own')
  expect(lines).toEqual([])
  for (let i = 0; i < 1000; i++) tell(`https://made-up-${i}.example`, 'http://own')
  expect(lines).toHaveLength(1)
})

function lines(app: TestApp): readonly string[] {
  return app.logs().filter((line) => line.includes('ALLOWED_ORIGINS'))
}
