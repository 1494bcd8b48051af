// No cache on the way keeps what a route answers: a message that is deleted later would stay in it.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { ask } from '../support/rest.ts'
import { routesOf } from '../support/routes.ts'
import { v1Client } from '../support/v1-client.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

test('every response of every route forbids caching, errors included', async () => {
  const v1 = v1Client(app)
  const user = await v1.user()
  const room = await v1.room('here', { token: user.token })
  await v1.say(room, user, 'hello')
  const statuses = new Set<number>()
  for (const { method, path } of await routesOf(app)) {
    const filled = path.replaceAll('{user_id}', user.id).replaceAll(/\{[^}]+\}/g, room.id)
    for (const options of [{ token: user.token }, {}]) {
      const { status, headers } = await ask(method, app.url + filled, options)
      statuses.add(status)
      const [directive] = headers.get('cache-control')?.split(', ') ?? []
      expect([method, path, status, directive]).toEqual([method, path, status, 'no-store'])
    }
  }
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401]))
  const unknown = await ask('GET', `${app.url}/api/v2/nothing`)
  expect([unknown.status, unknown.headers.get('cache-control')]).toEqual([404, 'no-store'])
})
