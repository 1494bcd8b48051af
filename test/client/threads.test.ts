// One thread as a view of its own, on a real server.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type Client, createClient, memoryStorage, type ThreadView } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'

let app: TestApp
let owner: Person
let member: Person
let room: RoomId
let root: number
const clients: Client[] = []

beforeAll(async () => {
  app = await startApp()
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
beforeEach(async () => {
  room = await makeRoom(app, owner, [member])
  root = await say(app, room, owner, 'root')
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

const bodies = (thread: ThreadView) => thread.getSnapshot().replies.map(({ body }) => body)

async function reply(who: Client, body: string, to = root): Promise<number> {
  return (await who.api.messages.send(room, { body, reply_to: to })).seq
}

test('shows the replies that are there and those that come, and nothing else of the room', async () => {
  const [mine, theirs] = [device(owner), device(member)]
  const first = await reply(theirs, 'one')
  const thread = mine.room(room).thread(root)
  expect(mine.room(room).thread(root)).toBe(thread)
  let calls = 0
  const stop = thread.subscribe(() => calls++)
  expect(thread.getSnapshot()).toMatchObject({ status: 'closed', root: null, replies: [], unread: 0 })
  await thread.open()
  expect(thread.getSnapshot()).toMatchObject({
    status: 'live',
    root: { seq: root, thread: { replies: 1 } },
    hasOlder: false,
    following: true,
    unread: 1,
  })
  expect(thread.getSnapshot()).toBe(thread.getSnapshot())
  await say(app, room, member, 'elsewhere')
  await reply(theirs, 'two', first)
  await until(() => bodies(thread).length === 2, 'the second reply')
  expect(bodies(thread)).toEqual(['one', 'two'])
  expect(thread.getSnapshot()).toMatchObject({ root: { thread: { replies: 2 } }, unread: 2 })
  await theirs.api.messages.edit(room, first, 'one, edited')
  await theirs.api.messages.react(room, first, '👍', true)
  await theirs.api.messages.react(room, root, '👍', true)
  await until(() => thread.getSnapshot().root?.reactions?.length === 1, 'the reaction to the first message')
  expect(thread.getSnapshot().replies[0]).toMatchObject({
    body: 'one, edited',
    reactions: [{ reaction: '👍' }],
  })
  for (const seq of [first, root]) await mine.api.pins.set(room, seq, true)
  await until(() => thread.getSnapshot().root?.pinned, 'the pin of the first message')
  expect(thread.getSnapshot().replies[0]).toMatchObject({ pinned: { by: { id: owner.id } } })
  await mine.api.pins.set(room, root, false)
  await until(() => thread.getSnapshot().root?.pinned === undefined, 'the first message to be unpinned')
  await theirs.api.messages.delete(room, first)
  await until(() => thread.getSnapshot().replies[0]?.deleted_at, 'the tombstone')
  expect(thread.getSnapshot()).toMatchObject({ root: { thread: { replies: 1 } }, unread: 1 })
  expect(calls).toBeGreaterThan(4)
  stop()
  thread.close()
  expect(mine.room(room).getSnapshot().status).toBe('closed')
})

test('sends replies, each shown once, follows and reads, on all devices', async () => {
  const [phone, laptop, theirs] = [device(member), device(member), device(owner)]
  const [thread, other, mine] = [phone, laptop, theirs].map((client) => client.room(room).thread(root))
  if (thread === undefined || other === undefined || mine === undefined) throw new Error('no thread')
  await Promise.all([thread.open(), other.open(), mine.open()])
  const counts = new Set<number>()
  const stop = thread.subscribe(() => {
    const { pending, replies } = thread.getSnapshot()
    counts.add(pending.length + replies.length)
  })
  const sent = await thread.send('answer').done
  await until(() => bodies(thread).length === 1, 'the reply')
  stop()
  expect([...counts]).toEqual([1])
  expect(thread.getSnapshot()).toMatchObject({ pending: [], following: true, unread: 0, readSeq: sent.seq })
  await until(() => mine.getSnapshot().following, 'the author to follow')
  expect(mine.getSnapshot().unread).toBe(1)
  await mine.send('back', { inRoom: false }).done
  await until(() => thread.getSnapshot().unread === 1 && other.getSnapshot().unread === 1, 'the answer')
  expect(await thread.read()).toMatchObject({ unread: 0 })
  await until(() => other.getSnapshot().unread === 0, 'the mark on the other device')
  await other.follow(false)
  await until(() => !thread.getSnapshot().following, 'the end of following')
})

test('loads older replies, and those that change meanwhile are as they are now', async () => {
  const [mine, theirs] = [device(owner), device(member)]
  const sent: number[] = []
  for (let n = 1; n <= 60; n++) sent.push(await reply(theirs, `${n}`))
  const thread = mine.room(room).thread(root)
  await thread.open()
  expect(bodies(thread)).toHaveLength(50)
  expect(thread.getSnapshot()).toMatchObject({ hasOlder: true, unread: 60 })
  await theirs.api.messages.edit(room, sent[1] ?? 0, '2, edited')
  expect(await thread.loadOlder(5)).toBe(true)
  expect(bodies(thread)).toHaveLength(55)
  expect(await thread.loadOlder()).toBe(false)
  expect(bodies(thread)).toEqual(sent.map((_, index) => (index === 1 ? '2, edited' : `${index + 1}`)))
})

test('has what was missed without a connection, or while it was closed', async () => {
  const [mine, theirs] = [device(owner), device(member)]
  const thread = mine.room(room).thread(root)
  await thread.open()
  await reply(theirs, 'one')
  await until(() => bodies(thread).length === 1, 'the first reply')
  mine.disconnect()
  const second = await reply(theirs, 'two')
  await theirs.api.messages.edit(room, second, 'two, edited')
  mine.connect()
  await until(() => bodies(thread).length === 2, 'what was missed')
  expect(bodies(thread)).toEqual(['one', 'two, edited'])
  thread.close()
  await reply(theirs, 'three')
  await thread.open()
  expect(bodies(thread)).toEqual(['one', 'two, edited', 'three'])
})

test('is read again when the view of the room begins anew', async () => {
  const [mine, theirs] = [device(member), device(owner)]
  const thread = mine.room(room).thread(root)
  await thread.open()
  await reply(theirs, 'one')
  await until(() => bodies(thread).length === 1, 'the first reply')
  await theirs.api.members.remove(room, member.id)
  await until(() => thread.getSnapshot().status === 'ended', 'the end of the membership')
  await reply(theirs, 'two')
  await theirs.api.invitations.invite(room, [member.id])
  await mine.api.rooms.join(room)
  await mine.room(room).open()
  await reply(theirs, 'three')
  await until(() => bodies(thread).length === 3, 'what was missed')
  expect(bodies(thread)).toEqual(['one', 'two', 'three'])
})

test('is refused if there is no such message', async () => {
  const client = device(owner)
  const thread = client.room(room).thread(root + 1)
  await expect(thread.open()).rejects.toMatchObject({ code: 'not_found' })
  thread.close()
  expect(client.room(room).getSnapshot().status).toBe('closed')
})
