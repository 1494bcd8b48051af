// What the user keeps privately, on two devices of a real server: drafts, saved messages, and their own read mark.
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Client, createClient, memoryStorage } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'

let app: TestApp
let owner: Person
let member: Person
let room: RoomId
const clients: Client[] = []

beforeAll(async () => {
  app = await startApp()
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member])
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(() => app.close())

function device(): Client {
  const client = createClient({
    url: app.url,
    token: member.token,
    storage: memoryStorage(),
    random: () => 0.01,
  })
  clients.push(client)
  client.own.subscribe(() => undefined)
  return client
}

const draftOf = (client: Client) => client.own.getSnapshot().drafts.get(room)?.text

test('a draft is there at once, reaches the other device, and one that was written offline is sent later', async () => {
  const [phone, laptop] = [device(), device()]
  phone.own.draft(room, 'Hel')
  phone.own.draft(room, 'Hello')
  expect(draftOf(phone)).toBe('Hello')
  await until(() => draftOf(laptop) === 'Hello', 'the draft on the other device')
  laptop.disconnect()
  laptop.own.draft(room, 'Hello from afar')
  expect(draftOf(laptop)).toBe('Hello from afar')
  laptop.connect()
  await until(() => draftOf(phone) === 'Hello from afar', 'the draft of the device that was away')
  phone.own.draft(room, '')
  await until(() => draftOf(laptop) === undefined, 'the end of the draft')
})

test('of two drafts the later one stays on both devices', async () => {
  const [phone, laptop] = [device(), device()]
  laptop.own.draft(room, 'both')
  await until(() => draftOf(phone) === 'both', 'the draft')
  phone.disconnect()
  phone.own.draft(room, 'the earlier one')
  const at = performance.now()
  await until(() => performance.now() > at + 20, 'the clock to move on')
  laptop.own.draft(room, 'the later one')
  await until(async () => (await laptop.api.drafts.get(room)).text === 'the later one', 'the later draft')
  phone.connect()
  await until(() => draftOf(phone) === 'the later one', 'both to have the later one')
  expect(draftOf(laptop)).toBe('the later one')
})

test('saved messages are the same on both devices', async () => {
  const [phone, laptop] = [device(), device()]
  const seq = await say(app, room, owner, 'worth it')
  const saved = (client: Client) => client.own.getSnapshot().saved.get(room)?.has(seq) === true
  expect(await phone.own.save(room, seq, true)).toMatchObject({ saved: true })
  await until(() => saved(phone) && saved(laptop), 'the saved message')
  await laptop.own.save(room, seq, false)
  await until(() => !saved(phone) && !saved(laptop), 'its removal')
})

test('messages that are marked as unread are unread on both devices, until one reads them', async () => {
  const [phone, laptop] = [device(), device()]
  const views = [phone.room(room), laptop.room(room)] as const
  await Promise.all(views.map((view) => view.open()))
  const seqs = [await say(app, room, owner, 'a'), await say(app, room, owner, 'b')] as const
  await until(
    () => views.every((view) => view.getSnapshot().messages.at(-1)?.seq === seqs[1]),
    'the messages',
  )
  views[0].read()
  const unread = () => views.map((view) => view.getSnapshot().unread)
  await until(() => unread().every((count) => count === 0), 'both to have read')
  await views[1].markUnread(seqs[0])
  await until(() => unread().every((count) => count === 2), 'both to have two unread messages')
  await say(app, room, owner, 'c')
  await until(() => unread().every((count) => count === 3), 'both to have three')
  views[0].read()
  await until(() => unread().every((count) => count === 0), 'both to have read again')
})
