import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  ChangesPage,
  FollowedPage,
  Message,
  MessagePage,
  OwnThread,
  Room,
  Snapshot,
  ThreadPage,
} from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: RoomId
let root: number

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
  root = await say(app, room, owner, 'root')
})
afterAll(() => app.close())

const pathOf = (more = '', at = root, where: number = room) => `/rooms/${where}/messages/${at}/thread${more}`
const threadAs = (who: Person, more = '', at = root) => get(app, who, pathOf(more, at), ThreadPage)
const follow = (who: Person | null, on = true, at = root, where: number = room) =>
  call(app, who, on ? 'PUT' : 'DELETE', pathOf('/follow', at, where))
const read = (who: Person | null, seq: number, at = root, where: number = room) =>
  call(app, who, 'PUT', pathOf('/read', at, where), { seq })
const ref = ({ id, username }: Person) => ({ id, username })

async function reply(who: Person, more: object = {}, where: number = room): Promise<Message> {
  const body = { body: 'answer', reply_to: root, ...more }
  return bodyOf(await call(app, who, 'POST', `/rooms/${where}/messages`, body), 201, Message)
}

describe('a thread', () => {
  test('is shown with the message that begins it, on pages, in snapshots and in changes', async () => {
    const first = await reply(member)
    const second = await reply(owner, { reply_to: first.seq, in_room: false })
    expect(first).toMatchObject({ reply_to: root, root })
    expect(second).toMatchObject({ reply_to: first.seq, root, in_room: false })
    const thread = {
      root,
      replies: 2,
      participants: 2,
      users: [ref(member), ref(owner)],
      last_seq: second.seq,
      last_at: second.created_at,
      changed_seq: second.seq,
    }
    const page = await threadAs(member)
    expect(page.message).toMatchObject({ seq: root, thread })
    expect(page.items).toEqual([first, second])
    expect((await threadAs(member, '', second.seq)).message.seq).toBe(root)
    const { items } = await get(app, member, `/rooms/${room}/messages`, MessagePage)
    expect(items.map((message) => [message.seq, message.thread])).toEqual([
      [root, thread],
      [first.seq, undefined],
      [second.seq, undefined],
    ])
    expect((await get(app, member, `/rooms/${room}/messages/${root}`, Message)).thread).toEqual(thread)
    const { messages } = await get(app, member, `/rooms/${room}/snapshot`, Snapshot)
    expect(messages[0]?.thread).toEqual(thread)
    const changes = await get(app, member, `/rooms/${room}/changes?after=${root}`, ChangesPage)
    expect(changes.items.map((event) => ('thread' in event ? event.thread : null))).toEqual([null, thread])
  })

  test('loses a deleted reply, whoever deletes it, and goes on if its first message is deleted', async () => {
    const first = await reply(member)
    const second = await reply(member)
    await call(app, owner, 'DELETE', `/rooms/${room}/messages/${second.seq}`)
    expect((await threadAs(owner)).message.thread).toMatchObject({ replies: 1, last_seq: first.seq })
    expect((await threadAs(owner, '?tombstones=true')).items.map(({ seq }) => seq)).toEqual([
      first.seq,
      second.seq,
    ])
    await call(app, owner, 'DELETE', `/rooms/${room}/messages/${root}`)
    expect((await threadAs(owner)).message).toMatchObject({ body: '', thread: { replies: 1 } })
    await call(app, owner, 'DELETE', `/rooms/${room}/messages/${first.seq}`)
    expect((await threadAs(owner)).message.thread).toMatchObject({
      replies: 0,
      users: [],
      last_seq: null,
      last_at: null,
    })
  })

  test('comes in pages, in either direction', async () => {
    const sent: number[] = []
    for (let turn = 0; turn < 5; turn++) sent.push((await reply(member)).seq)
    const found: number[] = []
    for (let query = '?limit=2'; ; ) {
      const { items, prev } = await threadAs(owner, query)
      found.unshift(...items.map(({ seq }) => seq))
      if (prev === null) break
      query = `?limit=2&cursor=${prev}`
    }
    expect(found).toEqual(sent)
    const { items, next } = await threadAs(owner, `?limit=2&after=${sent[1]}`)
    expect(items.map(({ seq }) => seq)).toEqual(sent.slice(2, 4))
    expect((await threadAs(owner, `?limit=2&cursor=${next}`)).items.map(({ seq }) => seq)).toEqual(
      sent.slice(4),
    )
    expectProblem(await call(app, owner, 'GET', pathOf('?before=1&after=2')), 400, 'invalid', {
      field: 'after',
    })
  })

  test('of a message without replies has none yet', async () => {
    const { message, items, own } = await threadAs(member)
    expect([message.seq, message.thread, items]).toEqual([root, undefined, []])
    expect(own).toEqual({ room, root, following: false, read_seq: root, unread: 0, version: 0 })
  })
})

describe('following', () => {
  test('begins with a reply, for its sender and for the author of what is replied to', async () => {
    const { seq } = await reply(member)
    expect((await threadAs(owner)).own).toMatchObject({ following: true, unread: 1, read_seq: root })
    expect((await threadAs(member)).own).toMatchObject({ following: true, unread: 0, read_seq: seq })
    const { items } = await get(app, owner, '/me/threads', FollowedPage)
    expect(items).toMatchObject([
      { message: { seq: root, room, thread: { replies: 1 } }, own: { unread: 1 } },
    ])
  })

  test('ends and begins on request, which may be repeated', async () => {
    await reply(member)
    const ended = bodyOf(await follow(owner, false), 200, OwnThread)
    expect(ended).toEqual({ room, root, following: false, read_seq: root, unread: 1, version: 2 })
    expect(bodyOf(await follow(owner, false), 200, OwnThread)).toEqual(ended)
    expect((await get(app, owner, '/me/threads', FollowedPage)).items).toEqual([])
    await reply(member)
    expect((await threadAs(owner)).own).toMatchObject({ following: false, unread: 2 })
    expect(bodyOf(await follow(owner), 200, OwnThread)).toMatchObject({ following: true, version: 3 })
  })

  test('is listed by activity, in pages', async () => {
    const roots = [root, await say(app, room, owner, 'two'), await say(app, room, owner, 'three')]
    for (const reply_to of roots) await reply(member, { reply_to })
    await reply(member, { reply_to: roots[1] })
    const found: number[] = []
    for (let query = '?limit=2'; ; ) {
      const { items, next } = await get(app, owner, `/me/threads${query}`, FollowedPage)
      found.push(...items.map(({ message }) => message.seq))
      if (next === null) break
      query = `?limit=2&cursor=${next}`
    }
    expect(found).toEqual([roots[1], roots[2], roots[0]] as number[])
  })

  test('lists no thread whose replies are all deleted, until somebody replies again', async () => {
    const { seq } = await reply(member)
    const listed = async () => (await get(app, owner, '/me/threads', FollowedPage)).items.length
    expect(await listed()).toBe(1)
    await call(app, member, 'DELETE', `/rooms/${room}/messages/${seq}`)
    expect(await listed()).toBe(0)
    await reply(member)
    expect(await listed()).toBe(1)
  })

  test('reads forward only', async () => {
    const [first, second] = [await reply(member), await reply(member)]
    expect(bodyOf(await read(owner, first.seq), 200, OwnThread)).toMatchObject({
      read_seq: first.seq,
      unread: 1,
    })
    expect(bodyOf(await read(owner, second.seq, first.seq), 200, OwnThread)).toMatchObject({
      root,
      unread: 0,
    })
    expect(bodyOf(await read(owner, first.seq), 200, OwnThread)).toMatchObject({ read_seq: second.seq })
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    const far = bodyOf(await read(owner, Number.MAX_SAFE_INTEGER), 200, OwnThread)
    expect(far.read_seq).toBe(head)
    for (const seq of [-1, 1.5, '7', null]) {
      const answer = await call(app, owner, 'PUT', pathOf('/read'), { seq })
      expectProblem(answer, 400, 'invalid', { field: 'seq' })
    }
  })
})

test('the unread count of the room leaves out replies that are shown in their threads alone', async () => {
  await reply(owner, { in_room: false })
  await reply(owner, { in_room: true })
  expect((await get(app, member, `/rooms/${room}`, Room)).unread).toBe(2)
  expect((await threadAs(member)).items).toHaveLength(2)
})

test('only a reply can be kept out of the room', async () => {
  const body = { body: 'words', in_room: false }
  expectProblem(await call(app, owner, 'POST', `/rooms/${room}/messages`, body), 400, 'invalid', {
    field: 'in_room',
  })
})

describe('who may', () => {
  test('read threads: those who may read the room', async () => {
    const list = (who: Person | null, where: number = room, at = root) =>
      call(app, who, 'GET', pathOf('', at, where))
    expectProblem(await list(outsider), 404, 'not_found')
    expectProblem(await list(null), 401, 'unauthenticated')
    expectProblem(await list(owner, room, 9999), 404, 'not_found', { detail: 'Message not found' })
    await app.chat.membership.invite({ id: room }, owner, [outsider.id])
    expectProblem(await list(outsider), 403, 'forbidden')
    const open = await makeRoom(app, owner, [], 'public')
    const at = await say(app, open, owner, 'words')
    bodyOf(await list(outsider, open, at), 200, ThreadPage)
  })

  test('follow and mark threads: members, and nobody else', async () => {
    await reply(member)
    const open = await makeRoom(app, owner, [], 'public')
    const at = await say(app, open, owner, 'words')
    const acts = [
      (who: Person | null, where?: number, seq?: number) => follow(who, true, seq, where),
      (who: Person | null, where?: number, seq?: number) => follow(who, false, seq, where),
      (who: Person | null, where?: number, seq?: number) => read(who, 1, seq, where),
    ]
    for (const act of acts) {
      expectProblem(await act(outsider), 404, 'not_found', { detail: 'Room not found' })
      expectProblem(await act(outsider, room, 9999), 404, 'not_found', { detail: 'Room not found' })
      expectProblem(await act(outsider, open, at), 403, 'forbidden')
      expectProblem(await act(owner, room, 9999), 404, 'not_found', { detail: 'Message not found' })
      expectProblem(await act(owner, 987_654, at), 404, 'not_found', { detail: 'Room not found' })
      expectProblem(await act(null), 401, 'unauthenticated')
    }
    await app.chat.membership.invite({ id: room }, owner, [outsider.id])
    for (const act of acts) expectProblem(await act(outsider), 403, 'forbidden')
    await app.chat.membership.remove({ id: room }, owner, member.id)
    for (const act of acts) expectProblem(await act(member), 404, 'not_found')
    expect((await get(app, member, '/me/threads', FollowedPage)).items).toEqual([])
    const direct = await makeDirect(app, owner, outsider)
    const said = await say(app, direct, owner, 'words')
    for (const act of acts) bodyOf(await act(outsider, direct, said), 200, OwnThread)
  })
})
