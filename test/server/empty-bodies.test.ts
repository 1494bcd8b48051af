// A body in chunks of which none has a byte is no body, whatever its type says.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { rawRequest } from './support/raw-http.ts'

let app: TestApp
let me: Person
let room: number

beforeAll(async () => {
  app = await startApp()
  me = await person(app)
  room = await makeRoom(app, await person(app, 'owner'), [], 'public')
})
afterAll(() => app.close())

describe.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', null])(
  'of the type %s',
  (type) => {
    test('is accepted if no body is needed', async () => {
      expect((await ask('PUT', `/api/v2/rooms/${room}/members/me`, type)).status).toBe(200)
      expect((await ask('DELETE', `/api/v2/rooms/${room}/members/me`, type)).status).toBe(204)
    })

    test('lacks every field if one is needed', async () => {
      const withoutBody = await rawRequest(app.url, `${head('POST', '/api/v2/rooms')}\r\n`)
      const empty = await ask('POST', '/api/v2/rooms', type)
      expect(empty.status).toBe(400)
      expect(empty.json).toEqual(withoutBody.json)
    })

    test('is not what has a byte after all', async () => {
      const answer = await ask('PUT', `/api/v2/rooms/${room}/members/me`, type, '1\r\nx\r\n0\r\n\r\n')
      const isForm = type === 'application/x-www-form-urlencoded'
      expect(answer.status).toBe(isForm ? 200 : type === 'application/json' ? 400 : 415)
    })
  },
)

function ask(method: string, path: string, type: string | null, chunks = '0\r\n\r\n') {
  const header = type === null ? '' : `Content-Type: ${type}\r\n`
  return rawRequest(app.url, `${head(method, path)}${header}Transfer-Encoding: chunked\r\n\r\n${chunks}`)
}

function head(method: string, path: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${me.token}\r\n`
}
