// The session cookie on a foreign page: refused by every contract, in its own shape, before anything else is looked at.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { login, register } from '../support/accounts-client.ts'
import { ask } from '../support/rest.ts'

const TEXT = 'This origin may not use the session'

let app: TestApp
let cookie: string

beforeAll(async () => {
  app = await startApp()
  const { username } = await register(app)
  cookie = (await login(app, username)).cookie
})
afterAll(() => app.close())

test.each([
  ['/chat/create-room/', { name: 'a room' }, 403, { error: TEXT }],
  ['/chat/join-room/', { room_id: 1 }, 403, { error: TEXT }],
  ['/chat/send/', { message: 'hello' }, 403, { error: TEXT }],
  ['/api/chats/create/', { user_id: 1 }, 403, { detail: TEXT }],
  ['/api/chat/groups/lobby/join/', {}, 403, { detail: TEXT }],
  ['/api/v1/rooms', { name: 'a room' }, 401, { detail: TEXT }],
] as const)('POST %s', async (path, json, status, body) => {
  const headers = { cookie, origin: 'https://evil.example' }
  const answer = await ask('POST', app.url + path, { json, headers })
  expect([answer.status, answer.json]).toEqual([status, body])
})
