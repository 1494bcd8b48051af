import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { Message, type Sent } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { ask } from '../../support/rest.ts'
import { exactly } from '../support/exact-shape.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { bodiesIn, enter, reached, send } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'

let app: TestApp
let node: TestApp
let owner: Person
let member: Person
let room: RoomId

beforeAll(async () => {
  app = await startApp()
  node = await startApp({ DATABASE_URL: app.databaseUrl })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member])
})
afterAll(async () => {
  await node.close()
  await app.close()
})

test('a key makes one message and the same response each time: over the socket, over REST, after a reconnect', async () => {
  const watcher = await connect(app, owner)
  await enter(watcher, room)
  const client = await connect(app, member)
  const first = await send(client, room, 'once', 'key')
  await say(app, room, owner, 'meanwhile')
  expect(await send(client, room, 'once', 'key')).toEqual(first)
  expect(await post('key')).toEqual(first)
  await client.close()
  const again = await connect(app, member)
  expect(await send(again, room, 'in other words', 'key')).toEqual(first)
  const elsewhere = await connect(node, member)
  expect(await send(elsewhere, room, 'on another node', 'key')).toEqual(first)
  expect(await post('key', node)).toEqual(first)
  const last = await send(again, room, 'and on')
  await reached(watcher, room, last.seq)
  expect(last.seq).toBe(first.seq + 2)
  expect(bodiesIn(watcher, room)).toEqual(['once', 'meanwhile', 'and on'])
  for (const each of [watcher, again, elsewhere]) await each.close()
})

test('the first request may use REST', async () => {
  const first = await post('key')
  const client = await connect(app, member)
  expect(await send(client, room, 'once', 'key')).toEqual(first)
  await client.close()
})

test('the response stays the same when the message is edited and deleted', async () => {
  const client = await connect(app, member)
  const first = await send(client, room, 'once', 'key')
  await client.ask({ type: 'edit', room, seq: first.seq, body: 'edited' })
  expect(await send(client, room, 'once', 'key')).toEqual(first)
  await client.ask({ type: 'delete', room, seq: first.seq })
  expect(await send(client, room, 'once', 'key')).toEqual(first)
  await client.close()
})

test('a hundred simultaneous requests over both, on two nodes, make one message', async () => {
  const clients = [await connect(app, member), await connect(app, member), await connect(node, member)]
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => {
      const client = clients[n % 4]
      return client === undefined ? post('key', n % 8 === 3 ? app : node) : send(client, room, 'once', 'key')
    }),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  const fresh = await connect(app, owner)
  await enter(fresh, room)
  expect(bodiesIn(fresh, room)).toEqual(['once'])
  for (const each of [...clients, fresh]) await each.close()
})

test('keys are scoped to the sender', async () => {
  const [client, other] = [await connect(app, member), await connect(app, owner)]
  const [one, two] = [await send(client, room, 'mine', 'key'), await send(other, room, 'mine', 'key')]
  expect(two.seq).toBe(one.seq + 1)
  await Promise.all([client.close(), other.close()])
})

/** What REST answers to the member's message under a key, as the socket's answer has it. */
async function post(key: string, at = app): Promise<Sent> {
  const answer = await ask('POST', `${at.url}/api/v2/rooms/${room}/messages`, {
    token: member.token,
    headers: { 'Idempotency-Key': key },
    json: { body: 'once' },
  })
  expect(answer.status).toBe(201)
  const { seq, id, client_id, created_at } = exactly(Message).parse(answer.json)
  return { room, seq, message: id, client_id, created_at }
}
