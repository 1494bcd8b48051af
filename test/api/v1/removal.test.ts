import { afterAll, beforeAll, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type OtherRooms, otherRooms } from '../support/other-rooms.ts'
import { ask } from '../support/rest.ts'
import { type V1Client, v1Client } from '../support/v1-client.ts'
import { HistoryFrame, SystemFrame, TextFrame } from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client
let others: OtherRooms

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
  others = otherRooms(app)
})
afterAll(() => app.close())

test('a user who leaves a room through another contract receives nothing more, and their sockets in it are closed', async () => {
  const [owner, leaver] = [await v1.user(), await v1.user()]
  const room = await v1.room(undefined, { token: owner.token })
  const elsewhere = await v1.room()
  const watcher = (await v1.join(room, owner)).socket
  const [one, two] = [(await v1.join(room, leaver)).socket, (await v1.join(room, leaver)).socket]
  const other = (await v1.join(elsewhere, leaver)).socket
  const group = `${app.url}/api/chat/groups/${encodeURIComponent(room.name)}`
  expect((await ask('POST', `${group}/leave/`, { token: leaver.token })).status).toBe(204)
  const secret = await v1.say(room, owner, 'now that they are gone')
  for (const socket of [one, two]) {
    expect((await socket.closed).code).toBe(1008)
    expect(JSON.stringify(socket.frames)).not.toContain(secret.content)
  }
  await watcher.nextWhere(SystemFrame, (frame) => frame.content === `User ${leaver.username} left the chat`)
  // What is another room’s is not touched.
  const sent = await v1.say(elsewhere, leaver, 'still here')
  await other.nextWhere(TextFrame, (frame) => frame.id === sent.id)
  await Promise.all([watcher.close(), other.close()])
})

test('a removed user receives nothing more, and is told why; when they return, the room is notified', async () => {
  const [owner, removed] = [await v1.user(), await v1.user()]
  const room = await others.make('private', owner, [removed])
  const watcher = (await v1.join(room, owner)).socket
  const socket = (await v1.join(room, removed)).socket
  await others.remove(room, owner, removed)
  const secret = await v1.say(room, owner, 'now that they are gone')
  expect(await socket.closed).toMatchObject({ code: 1008, reason: expect.stringContaining('member') })
  expect(JSON.stringify(socket.frames)).not.toContain(secret.content)
  await watcher.nextWhere(SystemFrame, (frame) => frame.content === `User ${removed.username} left the chat`)
  // A private room is closed to them from then on.
  const url = `${app.wsUrl}/api/v1/ws/${room.id}/${removed.id}`
  expect((await handshake(url)).status).toBe(404)
  const json = { content: 'let me in', user_id: removed.id }
  expect((await v1.call('POST', `/rooms/${room.id}/messages`, { json })).status).toBe(404)
  expect((await v1.call('GET', `/rooms/${room.id}/messages`, { token: removed.token })).status).toBe(404)
  await watcher.close()
})

test('a removed user receives what was sent before the removal, and nothing after', async () => {
  const [owner, removed] = [await v1.user(), await v1.user()]
  const room = await others.make('private', owner, [removed])
  const socket = (await v1.join(room, removed)).socket
  const talking = (await v1.join(room, owner)).socket
  const say = (from: number, to: number) => {
    for (let i = from; i < to; i++) talking.send({ type: 'text', content: `${i}`, user_id: owner.id })
  }
  // All at once: the order is the database's, and the socket's must be the same.
  say(0, 50)
  const removal = others.remove(room, owner, removed)
  say(50, 100)
  await removal
  say(100, 120)
  await socket.closed
  await talking.nextWhere(TextFrame, (frame) => frame.content === '119')
  const before = await others.textsBeforeRemoval(room, owner)
  const heard = socket.frames.flatMap((frame) => /"content":"(\d+)"/.exec(JSON.stringify(frame))?.[1] ?? [])
  expect(heard).toEqual(before.filter((text) => /^\d+$/.test(text)))
  expect(heard).toEqual(heard.map((_, i) => `${i}`))
  await talking.close()
})

test('deleting a room closes the sockets of all its members, and no others', async () => {
  const [owner, member] = [await v1.user(), await v1.user()]
  const room = await others.make('private', owner, [member])
  const sockets = [v1.open(room, owner), v1.open(room, member)]
  for (const socket of sockets) await socket.next(HistoryFrame)
  const elsewhere = await v1.room()
  const other = (await v1.join(elsewhere, member)).socket
  expect((await ask('DELETE', `${app.url}/chat/rooms/${room.id}/`, { token: owner.token })).status).toBe(204)
  for (const socket of sockets) expect((await socket.closed).code).toBe(1008)
  const sent = await v1.say(elsewhere, owner, 'unmoved')
  await other.nextWhere(TextFrame, (frame) => frame.id === sent.id)
  await other.close()
})
