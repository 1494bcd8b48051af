import { beforeAll, describe, expect, test } from 'bun:test'
import {
  carriesMessage,
  type Message,
  type OwnThread,
  type Room,
  type Seq,
  type Thread,
  type ThreadPage,
  type User,
} from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import { batchOf, type MakeStores, World } from './world.ts'

/** What `ThreadLog` promises, and what the append and the revision do to threads. */
export function threadLogContract(make: MakeStores): void {
  describe('a thread log', () => {
    let world: World
    let ann: User
    let bob: User
    let cid: User
    let room: Room
    let root: Message
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob, cid] = [await world.user(), await world.user(), await world.user()]
      room = await world.room([ann, bob, cid])
    })

    async function begin(author = ann): Promise<Message> {
      root = present((await world.send(room, author, 'root'))[0])
      return root
    }

    async function reply(user: User, to: Message, inRoom = true): Promise<Message> {
      const draft = world.draft(room, user, { replyTo: to.seq, inRoom })
      const { seqs, threads } = await world.store.append(0, batchOf([draft]))
      const message = await world.read(room, { seq: present(seqs[0]) })
      expect(present(threads)).toEqual([message.thread])
      return message
    }

    function page(message: Message, viewer = ann, more: Partial<Wanted> = {}): Promise<ThreadPage> {
      const { where = 'latest', limit = 200, tombstones = false, store = world.other } = more
      const wanted = { room: room.id, message: message.seq, viewer: viewer.id, tombstones }
      return store.thread(wanted, where, limit).then(present)
    }

    async function own(user: User): Promise<OwnThread> {
      return (await page(root, user)).own
    }

    test('a reply begins a thread, and a reply to a reply goes on with it', async () => {
      await begin()
      const first = await reply(bob, root)
      const second = await reply(ann, first)
      expect([root.root, first.root, second.root]).toEqual([null, root.seq, root.seq])
      const thread: Thread = {
        root: root.seq,
        replies: 2,
        participants: 2,
        users: [bob, ann].map(({ id, username }) => ({ id, username })),
        lastSeq: second.seq,
        lastAt: second.createdAt,
        changedSeq: second.seq,
      }
      expect(second.thread).toEqual(thread)
      const found = await page(first)
      expect(found).toMatchObject({ message: { seq: root.seq }, thread })
      expect(found.page.messages.map((message) => message.seq)).toEqual([first.seq, second.seq])
      const history = await world.other.history(room.id, 'latest', 50, { tombstones: true, viewer: bob.id })
      expect(history.threads.get(root.seq)).toEqual(thread)
      expect(history.threads.get(first.seq)).toBeUndefined()
      const snapshot = present(await world.other.snapshot(room.id, ann.id, 50, 50))
      expect(snapshot.threads.get(root.seq)).toEqual(thread)
    })

    test('replies of one batch, to several threads, count in each; a message that is no reply has no thread', async () => {
      const [one, two] = await world.send(room, ann, 'one', 'two')
      const to = (target: Message | undefined, user: User) =>
        world.draft(room, user, { replyTo: present(target).seq })
      const drafts = [to(one, bob), to(two, bob), world.draft(room, cid), to(one, cid), to(one, bob)]
      const { threads, seqs } = await world.store.append(0, batchOf(drafts))
      const [ofOne, ofTwo] = [present(threads?.[4]), present(threads?.[1])]
      expect(threads?.map((thread) => thread?.root ?? null)).toEqual(
        [one, two, null, one, one].map((each) => each?.seq ?? null),
      )
      expect(ofOne).toMatchObject({
        root: one?.seq,
        replies: 3,
        participants: 2,
        lastSeq: seqs[4],
        changedSeq: seqs[4],
      })
      expect(ofOne.users.map((user) => user.id)).toEqual([bob.id, cid.id])
      expect(ofTwo).toMatchObject({ root: two?.seq, replies: 1, participants: 1, lastSeq: seqs[1] })
    })

    test('a deleted reply leaves its thread, which tells so at the number of the deletion', async () => {
      await begin()
      const first = await reply(bob, root)
      const second = await reply(cid, root)
      const gone = await world.revise(room, cid, second, null)
      expect(gone.message.thread).toMatchObject({
        replies: 1,
        participants: 1,
        lastSeq: first.seq,
        changedSeq: gone.seq,
      })
      expect(gone.message.thread?.lastAt).toEqual(first.createdAt)
      expect((await page(root)).page.messages.map((message) => message.seq)).toEqual([first.seq])
      const all = await page(root, ann, { tombstones: true })
      expect(all.page.messages.map(({ seq, body }) => [seq, body === ''])).toEqual([
        [first.seq, false],
        [second.seq, true],
      ])
      const last = await world.revise(room, bob, first, null)
      expect(last.message.thread).toMatchObject({
        replies: 0,
        participants: 0,
        users: [],
        lastSeq: null,
        lastAt: null,
      })
      const history = await world.store.history(room.id, 'latest', 50, { tombstones: true, viewer: bob.id })
      expect(history.threads.has(root.seq)).toBe(false)
    })

    test('the thread of a deleted message goes on', async () => {
      await begin()
      await reply(bob, root)
      await world.revise(room, ann, root, null)
      const later = await reply(cid, root)
      expect(later.thread).toMatchObject({ root: root.seq, replies: 2 })
      expect((await page(root)).message.deletedAt).not.toBeNull()
    })

    test('replies come in pages before, after and around a number, in order', async () => {
      await begin()
      const sent = [
        await reply(bob, root),
        await reply(ann, root),
        await reply(bob, root),
        await reply(cid, root),
      ]
      const numbers = async (where: Wanted['where'], limit: number) => {
        const { page: found } = await page(root, ann, { where, limit, tombstones: true })
        const places = found.messages.map((message) => sent.findIndex(({ seq }) => seq === message.seq))
        return [places, found.hasOlder, found.hasNewer]
      }
      await world.revise(room, bob, present(sent[2]), null)
      expect(await numbers('latest', 2)).toEqual([[2, 3], true, false])
      expect(await numbers({ before: present(sent[2]).seq }, 5)).toEqual([[0, 1], false, true])
      expect(await numbers({ after: root.seq }, 3)).toEqual([[0, 1, 2], false, true])
      expect(await numbers({ around: present(sent[1]).seq }, 2)).toEqual([[0, 1], false, true])
      expect(await numbers({ after: present(sent[3]).seq }, 3)).toEqual([[], true, false])
    })

    test('changes tell of a thread with its last reply, as it is by then', async () => {
      await begin()
      const before = (await world.now(room)).lastSeq
      const first = await reply(bob, root)
      const second = await reply(cid, root)
      const third = await reply(bob, root)
      const gone = await world.revise(room, bob, third, null)
      const changes = present(await world.other.changes(room.id, before, 50))
      const told = changes.events.filter(carriesMessage)
      expect(told.map(({ type, message }) => [type, message.seq, message.root])).toEqual([
        ['message', first.seq, root.seq],
        ['message', second.seq, root.seq],
        ['message', third.seq, root.seq],
      ])
      expect(told.at(-1)?.message.thread).toEqual(gone.message.thread)
      const later = present(await world.other.changes(room.id, third.seq, 50))
      expect(later.events).toMatchObject([{ type: 'deleted', message: { thread: gone.message.thread } }])
    })

    test('who replies follows, and so does the author of what is replied to, until they stop', async () => {
      await begin()
      expect(await own(ann)).toEqual({
        root: root.seq,
        following: false,
        readSeq: root.seq,
        unread: 0,
        version: 0,
      })
      const first = await reply(bob, root)
      expect(await own(ann)).toMatchObject({ following: true, readSeq: root.seq, unread: 1 })
      expect(await own(bob)).toMatchObject({ following: true, readSeq: first.seq, unread: 0 })
      expect(await own(cid)).toMatchObject({ following: false, version: 0 })
      const stopped = await world.store.followThread(ann.id, room.id, first.seq, false)
      expect(stopped).toMatchObject({ verdict: 'done', changed: true, own: { following: false, version: 2 } })
      await reply(bob, root)
      expect(await own(ann)).toMatchObject({ following: false, unread: 2 })
      await reply(ann, root)
      expect(await own(ann)).toMatchObject({ following: true, version: 3 })
      const again = await world.store.followThread(ann.id, room.id, root.seq, true)
      expect(again).toMatchObject({ verdict: 'done', changed: false, own: { version: 3 } })
    })

    test('a thread is read forward only, and not beyond the room; unread counts the replies of others that are left', async () => {
      await begin()
      const first = await reply(bob, root)
      const second = await reply(bob, root)
      await reply(ann, root)
      const read = (to: number) => world.store.readThread(ann.id, room.id, root.seq, seq(to))
      expect(await read(first.seq)).toMatchObject({ changed: true, own: { readSeq: first.seq, unread: 1 } })
      expect(await read(root.seq)).toMatchObject({ changed: false, own: { readSeq: first.seq, unread: 1 } })
      await world.revise(room, bob, second, null)
      expect(await own(ann)).toMatchObject({ unread: 0 })
      const { lastSeq } = await world.now(room)
      expect(await read(lastSeq + 1000)).toMatchObject({ own: { readSeq: lastSeq } })
    })

    test('a member who begins to follow has read what is there; others are refused', async () => {
      await begin()
      const first = await reply(bob, root)
      expect(await world.store.followThread(cid.id, room.id, root.seq, true)).toMatchObject({
        verdict: 'done',
        own: { following: true, readSeq: first.seq, unread: 0 },
      })
      const stranger = await world.user()
      expect(await world.store.followThread(stranger.id, room.id, root.seq, true)).toEqual({
        verdict: 'not_member',
      })
      expect(await world.store.readThread(stranger.id, room.id, root.seq, first.seq)).toEqual({
        verdict: 'not_member',
      })
      const nothing = seq((await world.now(room)).lastSeq + 1)
      expect(await world.store.followThread(cid.id, room.id, nothing, true)).toEqual({
        verdict: 'no_message',
      })
      expect(
        await world.store.thread(
          { room: room.id, message: nothing, viewer: cid.id, tombstones: true },
          'latest',
          5,
        ),
      ).toBeNull()
    })

    test('the followed threads come by their latest replies, of rooms that the user is in', async () => {
      const dan = await world.user()
      await world.join(room, dan)
      const other = await world.room([ann, dan])
      const [one, two] = await world.send(room, ann, 'one', 'two')
      const [three] = await world.send(other, ann, 'three')
      const answer = async (place: Room, target: Message | undefined, user: User) => {
        const draft = world.draft(place, user, { replyTo: present(target).seq })
        await world.store.append(0, batchOf([draft]))
        // Replies of one millisecond are in no order.
        const at = Date.now()
        await until(() => Date.now() > at, 'the next millisecond')
      }
      await answer(room, one, dan)
      await answer(room, two, dan)
      await answer(other, three, dan)
      await answer(room, one, bob)
      const listed = async (skip: number, limit: number) =>
        (await world.other.followedThreads(dan.id, { skip, limit })).map(({ message, own, thread }) => [
          message.body,
          own.unread,
          thread?.replies,
        ])
      const all = [
        ['one', 1, 2],
        ['three', 0, 1],
        ['two', 0, 1],
      ]
      expect(await listed(0, 10)).toEqual(all)
      const [latest] = await world.other.followedThreads(dan.id, { skip: 0, limit: 1 })
      expect(latest?.message).toEqual(await world.read(room, { seq: present(one).seq }))
      expect(await listed(1, 1)).toEqual(all.slice(1, 2))
      await world.leave(other, dan)
      expect(await listed(0, 10)).toEqual([present(all[0]), present(all[2])])
      await world.store.followThread(dan.id, room.id, present(one).seq, false)
      expect(await listed(0, 10)).toEqual([present(all[2])])
    })

    test('replies that are shown in their threads alone do not count as unread in the room', async () => {
      const own = await world.room([ann, bob])
      const [message] = await world.send(own, ann, 'root')
      const to = present(message).seq
      const drafts = [true, false, false].map((inRoom) => world.draft(own, ann, { replyTo: to, inRoom }))
      const { seqs } = await world.store.append(0, batchOf(drafts))
      expect((await world.read(own, { seq: present(seqs[1]) })).inRoom).toBe(false)
      expect(present(await world.store.view({ id: own.id }, bob.id)).unread).toBe(2)
    })

    test('whatever is sent, deleted and edited, each thread equals a recount', async () => {
      const place = await world.room([ann, bob, cid])
      const users = [ann, bob, cid]
      const messages = new Map<Seq, Message>()
      const came = new Map<Seq, number[]>()
      let draw = 7
      const random = (below: number) => {
        draw = (draw * 48_271) % 2_147_483_647
        return draw % below
      }
      const alive = () => [...messages.values()].filter(({ deletedAt }) => deletedAt === null)
      const pick = <T>(from: readonly T[]) => present(from[random(from.length)])
      const counted = (root: Seq) => alive().filter((message) => message.root === root)

      for (let round = 0; round < 60; round++) {
        if (random(4) > 0 || alive().length < 3) {
          const drafts = Array.from({ length: 1 + random(4) }, () => {
            const target = messages.size > 0 && random(3) > 0 ? pick([...messages.values()]).seq : null
            return world.draft(place, pick(users), { replyTo: target })
          })
          // A repeated key makes the batch a careful one.
          const repeated = random(3) === 0 && messages.size > 0 ? pick([...messages.values()]) : null
          if (repeated !== null) {
            const { sender, clientId, replyTo } = repeated
            drafts.push(world.draft(place, sender, { clientId, replyTo }))
          }
          const { seqs } = await (random(2) === 0 ? world.store : world.other).append(0, batchOf(drafts))
          for (const number of seqs) {
            if (messages.has(number)) continue
            const message = await world.read(place, { seq: number })
            messages.set(number, message)
            if (message.root === null) continue
            const list = came.get(message.root) ?? []
            came.set(message.root, list)
            if (!list.includes(message.sender.id)) list.push(message.sender.id)
          }
        } else {
          const message = pick(alive())
          const body = random(3) === 0 ? 'edited' : null
          const event = await world.revise(place, ann, message, body)
          messages.set(message.seq, event.message)
          if (message.root === null || body !== null) continue
          const left = counted(message.root).some(({ sender }) => sender.id === message.sender.id)
          if (!left)
            came.set(
              message.root,
              (came.get(message.root) ?? []).filter((user) => user !== message.sender.id),
            )
        }
        const roots = new Set([...messages.values()].flatMap(({ root }) => root ?? []))
        const history = await world.other.history(place.id, 'latest', 200, {
          tombstones: true,
          viewer: bob.id,
        })
        for (const number of roots) {
          const replies = counted(number)
          const thread = history.threads.get(number)
          const participants = came.get(number) ?? []
          const last = replies.at(-1)
          expect(thread?.replies ?? 0).toBe(replies.length)
          expect(thread?.participants ?? 0).toBe(participants.length)
          expect(new Set(replies.map(({ sender }) => sender.id)).size).toBe(participants.length)
          expect(thread?.users.map(({ id }): number => id) ?? []).toEqual(participants.slice(0, 3))
          expect(thread?.lastSeq ?? null).toBe(last?.seq ?? null)
          expect(thread?.lastAt ?? null).toEqual(last?.createdAt ?? null)
        }
      }
    })
  })
}

interface Wanted {
  readonly where: 'latest' | { before: Seq } | { after: Seq } | { around: Seq }
  readonly limit: number
  readonly tombstones: boolean
  readonly store: World['store']
}
