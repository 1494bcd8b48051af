// A request that is sent before the answer to the one before it. Bun closes the connection (oven-sh/bun#38128); when it no longer
// does, the line in src/config/limits.md goes with this test.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { openRaw } from './support/raw-client.ts'

let app: TestApp
let me: Person
let room: Awaited<ReturnType<typeof makeRoom>>

beforeAll(async () => {
  app = await startApp()
  me = await person(app)
  room = await makeRoom(app, me)
})
afterAll(() => app.close())

test('a pipelined request closes the connection and is not carried out; the one before it is, once', async () => {
  const client = await openRaw(app.url)
  client.write(post('first') + post('second'))
  await client.closed()
  expect(client.received()).toHaveLength(0)
  await until(async () => (await bodies()).length > 0, 'the first message')
  expect(await bodies()).toEqual(['first'])
})

test('requests one after the other share a connection', async () => {
  const client = await openRaw(app.url)
  for (const [n, body] of ['third', 'fourth'].entries()) {
    client.write(post(body))
    await until(() => answers(client.received()) === n + 1, 'the answer')
  }
  client.end()
  expect(await bodies()).toEqual(['first', 'third', 'fourth'])
})

function answers(bytes: Buffer): number {
  return bytes.toString().split('HTTP/1.1 201 ').length - 1
}

function post(body: string): string {
  const json = JSON.stringify({ body })
  return [
    `POST /api/v2/rooms/${room}/messages HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${me.token}`,
    'Content-Type: application/json',
    `Content-Length: ${json.length}`,
    '',
    json,
  ].join('\r\n')
}

async function bodies(): Promise<string[]> {
  const { messages } = await app.chat.messages.history({ id: room }, me, 'latest', 10)
  return messages.map(({ body }) => body)
}
