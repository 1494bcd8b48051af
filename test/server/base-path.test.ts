// BASE_PATH: the server below a path of its host. A proxy passes that path on or takes it off; both work with the same setting.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { createBasePath } from '../../src/server/index.ts'
import { PASSWORD, register } from '../api/support/accounts-client.ts'
import { type Person, people, person } from '../api/support/contracts/people.ts'
import { publicRoom, say } from '../api/support/contracts/rooms.ts'
import { MessagesPageShape } from '../api/support/contracts/shapes.ts'
import { ask, expectAnswer } from '../api/support/rest.ts'
import { openSocket } from '../api/support/socket.ts'
import { startApp, type TestApp } from '../support/app.ts'

/** By what a request's path begins with when it reaches the server. */
const PROXIES = [
  ['passes the path on', '/chat'],
  ['takes the path off', ''],
] as const
const MORE_THAN_A_PAGE = 25

let app: TestApp
let anna: Person

beforeAll(async () => {
  app = await startApp({ BASE_PATH: '/chat/' })
  anna = await person(app)
  await publicRoom(anna, 'attic')
  for (let i = 0; i < MORE_THAN_A_PAGE; i++) await say(anna, 'attic', `${i}`)
})
afterAll(() => app.close())

describe.each(PROXIES)('behind a proxy that %s', (_, prefix) => {
  test.each(['/', '/web/app.js', '/docs', '/docs/json', '/healthz', '/readyz'])(
    '%s is served',
    async (path) => {
      expect((await ask('GET', app.url + prefix + path)).status).toBe(200)
    },
  )

  test('links name the path', async () => {
    await people(app, 2)
    const users = await anna.call('GET', `${prefix}/api/users/?limit=1`)
    expect(users.headers.get('link')).toStartWith(`<${app.url}/chat/api/users/?`)
    const messages = await anna.call('GET', `${prefix}/api/chat/groups/attic/messages/`)
    const { next } = expectAnswer(messages, 200, MessagesPageShape)
    expect(next).toBe(`${app.url}/chat/api/chat/groups/attic/messages/?page=2`)
  })

  test('cookies are kept to the path', async () => {
    const { username } = await register({ url: app.url + prefix })
    const json = { username, password: PASSWORD }
    const signedIn = await ask('POST', `${app.url}${prefix}/api/auth/login`, { json })
    const cookies = signedIn.headers.getSetCookie()
    expect(cookies).toHaveLength(2)
    for (const cookie of cookies) expect(cookie).toContain('; Path=/chat/;')
    const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ')
    const signedOut = await ask('POST', `${app.url}${prefix}/api/auth/logout`, { headers: { cookie } })
    expect(signedOut.headers.getSetCookie()[0]).toContain('; Path=/chat/;')
  })

  test('sockets open', async () => {
    for (const path of ['/api/v2/socket', '/ws/chat/attic/']) {
      const socket = openSocket(`${app.wsUrl}${prefix}${path}?token=${anna.token}`)
      await socket.opened
      await socket.close()
    }
  })

  test('routes that begin like the path are still routes', async () => {
    const said = await anna.call('POST', `${prefix}/chat/send/`, { message: 'Hello' })
    expect(said.status).toBeLessThan(300)
    expect((await anna.call('GET', `${prefix}/chat/rooms/`)).status).toBe(200)
    expect((await anna.call('GET', `${prefix}/chat/history/?room=attic`)).status).toBe(200)
  })
})

test('the path without its slash leads to the page, whose addresses are relative', async () => {
  for (const [asked, location] of [
    ['/chat', 'chat/'],
    ['/chat?room=1', 'chat/?room=1'],
  ] as const) {
    const answer = await ask('GET', app.url + asked)
    expect([answer.status, answer.headers.get('location')]).toEqual([308, location])
  }
})

test.each(['/chatter', '/chatter/docs', '/cha', '/chat/chat/docs'])(
  '%s is not under the path',
  async (path) => {
    expect((await ask('GET', app.url + path)).status).toBe(404)
  },
)

test('the start line has the addresses of clients, v2’s socket among them', () => {
  const { api, docs, web, sockets } = app.listening
  expect({ api, docs, web, sockets }).toEqual({
    api: `${app.url}/chat`,
    docs: `${app.url}/chat/docs`,
    web: `${app.url}/chat/`,
    sockets: `${app.wsUrl}/chat/api/v2/socket`,
  })
})

test('the OpenAPI document’s server is where the document is from, whatever the proxy', async () => {
  const Document = t.Object({ servers: t.Tuple([t.Object({ url: t.String() })]) })
  const document = expectAnswer(await ask('GET', `${app.url}/chat/docs/json`), 200, Document)
  expect(new URL(document.servers[0].url, `${app.url}/chat/docs/json`).href).toBe(`${app.url}/chat/`)
})

describe('a path that cannot be told from routes', () => {
  const routes = ['/', '/docs', '/chat/send', '/chat/rooms/:room_id', '/api/users']

  test.each(['/chat/rooms', '/chat/rooms/', '/docs', '/api/users'])('is refused: %s', (path) => {
    expect(() => createBasePath(path, routes)).toThrow(/^BASE_PATH: \/\S+ is both /)
  })

  test.each(['/', '/chat', '/api', '/talk/it/over'])('is any other: %s', (path) => {
    expect(() => createBasePath(path, routes)).not.toThrow()
  })
})
