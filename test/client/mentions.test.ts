// Mentions on a real server: whom a message mentions, and how many unread messages mention the user.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { all, type Client, createClient, memoryStorage } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'

let app: TestApp
let owner: Person
let member: Person
let room: RoomId
const clients: Client[] = []

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member])
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(() => app.close())

function device({ token }: Person): Client {
  const client = createClient({ url: app.url, token, storage: memoryStorage(), random: () => 0.01 })
  clients.push(client)
  return client
}

test('a send and an edit say whom they mention, in place of the text', async () => {
  const mine = device(owner)
  const view = mine.room(room)
  await view.open()
  const bob = { id: member.id, username: member.username }
  const { seq } = await view.send('Lunch?', { mentions: { users: [member.id] } }).done
  await until(() => view.getSnapshot().messages[0]?.mentions?.users?.length === 1, 'the message')
  expect(view.getSnapshot().messages[0]).toMatchObject({ seq, mentions: { users: [bob] } })
  await view.edit(seq, undefined, { metadata: { a: 1 } })
  await until(() => view.getSnapshot().messages[0]?.metadata, 'the edit')
  expect(view.getSnapshot().messages[0]).toMatchObject({ body: 'Lunch?', mentions: { users: [bob] } })
  await view.edit(seq, undefined, { mentions: { users: [] } })
  await until(() => view.getSnapshot().messages[0]?.mentions === undefined, 'the end of the mention')
  expect(view.getSnapshot().messages[0]).toMatchObject({ body: 'Lunch?', metadata: { a: 1 } })
})

test('unread mentions are counted as the server counts them, live, after an absence, edited, deleted and read', async () => {
  const [mine, theirs] = [device(owner), device(member)]
  const view = theirs.room(room)
  const say = (body: string) => mine.api.messages.send(room, { body })
  const name = `@${member.username}`
  const count = () => [view.getSnapshot().mentions, view.getSnapshot().room?.mentions ?? 0]
  const counted = async (wanted: number) => {
    await until(() => count()[0] === wanted, `${wanted} mentions`)
    const { head, mentions = 0 } = await theirs.api.rooms.get(room)
    await until(() => view.getSnapshot().position === head, 'everything to be there')
    expect([...count(), mentions]).toEqual([wanted, wanted, wanted])
  }
  await say(`${name} before`)
  await view.open()
  await counted(1)
  const first = await say(`${name}, and @room`)
  await say('nobody')
  await counted(2)
  const second = await say('@online')
  await counted(3)
  await mine.api.messages.edit(room, first.seq, 'nobody any more')
  await counted(2)
  await mine.api.messages.delete(room, second.seq)
  await counted(1)
  theirs.disconnect()
  await say(name)
  theirs.connect()
  await counted(2)
  const listed: string[] = []
  for await (const { body } of all(theirs.api.mentions)) listed.push(body)
  expect(listed).toEqual([name, `${name} before`])
  view.read()
  await counted(0)
})
