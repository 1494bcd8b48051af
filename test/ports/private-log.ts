import { beforeAll, describe, expect, test } from 'bun:test'
import type { DraftWanted, PrivateEntry, Room, Seq, User } from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `PrivateLog` and `Drafts` promise. */
export function privateLogContract(make: MakeStores): void {
  describe('a private log', () => {
    let world: World
    let ann: User
    let bob: User
    let room: Room
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
      room = await world.room([ann, bob])
    })

    async function changes(user: User, after: Seq = seq(0), limit = 200) {
      return present((await world.other.privateChangesOf([{ user: user.id, after }], limit))[0])
    }

    async function write(user: User, text: string | null, more: Partial<DraftWanted> = {}, at = room) {
      const value = text === null ? null : { text, replyTo: null }
      const done = await world.store.setDraft(at.id, user.id, { value, base: null, agoMs: 0, ...more })
      return done === 'no_message' ? expect.unreachable() : done
    }

    async function textOf(user: User, at = room): Promise<string | null> {
      return present(await world.other.draft(at.id, user.id)).value?.text ?? null
    }

    function texts(entries: readonly PrivateEntry[]): (string | null)[] {
      return entries.map(({ value }) => (value !== null && 'text' in value ? value.text : null))
    }

    test('tells the latest state of each entry after a number, to its user alone', async () => {
      const user = await world.user()
      const rooms = [await world.room([user]), await world.room([user])] as const
      await write(user, 'one', {}, rooms[0])
      const first = await changes(user)
      await write(user, 'two', {}, rooms[1])
      await write(user, 'one, again', {}, rooms[0])
      const since = await changes(user, first.head)
      expect(texts(since.entries)).toEqual(['two', 'one, again'])
      expect(since.entries.map(({ roomId }) => roomId)).toEqual([rooms[1].id, rooms[0].id])
      expect(since.upTo).toBe(since.head)
      expect((await changes(user)).entries).toHaveLength(2)
      expect((await changes(user, since.head)).entries).toEqual([])
      expect(await world.other.privateHeads([user.id])).toEqual(new Map([[user.id, since.head]]))
      expect((await changes(await world.user())).entries).toEqual([])
    })

    test('pages by the number, and by the length of what is kept', async () => {
      const user = await world.user()
      const rooms: Room[] = []
      for (let made = 0; made < 4; made++) rooms.push(await world.room([user]))
      for (const at of rooms) await write(user, 'x'.repeat(200_000), {}, at)
      const page = await changes(user)
      expect(page.entries).toHaveLength(2)
      expect(page.upTo).toBe(present(page.entries.at(-1)).seq)
      expect(page.upTo).toBeLessThan(page.head)
      const rest = await changes(user, page.upTo)
      expect(rest.entries).toHaveLength(2)
      expect(rest.upTo).toBe(rest.head)
      const one = await changes(user, page.upTo, 1)
      expect(one.entries).toHaveLength(1)
      expect(one.upTo).toBe(present(one.entries[0]).seq)
    })

    test('answers for many users at once, in their order', async () => {
      await write(ann, 'of Ann')
      const answers = await world.other.privateChangesOf(
        [
          { user: bob.id, after: null },
          { user: ann.id, after: seq(0) },
        ],
        200,
      )
      expect(answers.map(({ entries }) => texts(entries))).toEqual([[], ['of Ann']])
    })

    test('an edit of the present version is written, and one of another version only if it is the later one', async () => {
      const first = present(await write(bob, 'first'))
      const base = first.draft.seq
      expect(present(await write(bob, 'second', { base }))).toMatchObject({ written: true })
      // Another device edited the first version a minute ago, and an hour from then comes online.
      const late = present(await write(bob, 'late', { base, agoMs: 60_000 }))
      expect(late).toMatchObject({ written: false, draft: { value: { text: 'second' } } })
      expect(await textOf(bob)).toBe('second')
      const later = present(await write(bob, 'later', { base, agoMs: 0 }))
      expect(later).toMatchObject({ written: true, draft: { value: { text: 'later' } } })
      // However long ago, if nobody else has written since.
      expect(present(await write(bob, 'old', { base: later.draft.seq, agoMs: 5_000 })).written).toBe(true)
      expect(await textOf(bob)).toBe('old')
    })

    test('a repeated write changes nothing and takes no number', async () => {
      const once = present(await write(bob, 'same'))
      const again = present(await write(bob, 'same', { base: seq(0), agoMs: 60_000 }))
      expect(again).toEqual(once)
    })

    test('a removed draft is told, and an older edit does not bring it back', async () => {
      const { draft } = present(await write(bob, 'going'))
      const gone = present(await write(bob, null, { base: draft.seq }))
      expect(gone).toMatchObject({ written: true, draft: { value: null } })
      expect(await textOf(bob)).toBeNull()
      expect((await changes(bob, draft.seq)).entries).toMatchObject([{ type: 'draft', value: null }])
      expect(await world.other.drafts(bob.id, null, 10)).toEqual([])
      expect(present(await write(bob, 'before', { base: draft.seq, agoMs: 60_000 })).written).toBe(false)
    })

    test('a draft answers a message of its room, a tombstone too, or is refused and changes nothing', async () => {
      const own = await world.room([ann, bob])
      const [sent] = await world.send(own, ann, 'answered')
      const message = present(sent)
      const answering = (replyTo: Seq) =>
        world.store.setDraft(own.id, bob.id, { value: { text: '', replyTo }, base: null, agoMs: 0 })
      const written = { written: true, draft: { value: { text: '', replyTo: message.seq } } }
      expect(await answering(message.seq)).toMatchObject(written)
      for (const wrong of [0, 1, message.seq + 1]) expect(await answering(seq(wrong))).toBe('no_message')
      expect(await world.other.draft(own.id, bob.id)).toMatchObject({ value: { replyTo: message.seq } })
      await world.revise(own, ann, message, null)
      expect(await answering(message.seq)).toMatchObject(written)
    })

    test('lists drafts, the latest first, from a number on', async () => {
      const user = await world.user()
      const rooms = [await world.room([user]), await world.room([user]), await world.room([user])] as const
      for (const at of rooms) await write(user, `in ${at.id}`, {}, at)
      await write(user, null, {}, rooms[1])
      const listed = await world.other.drafts(user.id, null, 10)
      expect(listed.map(({ roomId }) => roomId)).toEqual([rooms[2].id, rooms[0].id])
      const page = await world.other.drafts(user.id, present(listed[0]).seq, 10)
      expect(page.map(({ roomId }) => roomId)).toEqual([rooms[0].id])
    })

    test('non-members have no draft, and a membership that ends takes it along', async () => {
      const guest = await world.user()
      expect(await write(guest, 'in vain')).toBeNull()
      expect(await world.other.draft(room.id, guest.id)).toBeNull()
      await world.join(room, guest)
      const { draft } = present(await write(guest, 'for a while'))
      await world.leave(room, guest)
      expect((await changes(guest, draft.seq)).entries).toMatchObject([{ roomId: room.id, value: null }])
      await world.join(room, guest)
      expect(await textOf(guest)).toBeNull()
    })

    test('the deletion of a room takes all drafts in it along', async () => {
      const gone = await world.room([ann, bob])
      await write(ann, 'of Ann', {}, gone)
      await write(bob, 'of Bob', {}, gone)
      const before = [(await changes(ann)).head, (await changes(bob)).head] as const
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      for (const [user, head] of [
        [ann, before[0]],
        [bob, before[1]],
      ] as const) {
        expect((await changes(user, head)).entries).toMatchObject([{ roomId: gone.id, value: null }])
      }
      while (await world.store.sweep());
      expect((await changes(ann)).entries.filter(({ roomId }) => roomId === gone.id)).toEqual([])
    })

    test('saves messages, up to a limit for which deleted ones do not count', async () => {
      const user = await world.user()
      const sent = await world.send(room, ann, 'one', 'two', 'three')
      const [one, two, three] = [present(sent[0]), present(sent[1]), present(sent[2])]
      const save = (message: { seq: Seq }, on = true) =>
        world.store.saveMessage(room.id, user.id, message.seq, on, 2)
      const first = await save(one)
      expect(first).toEqual({ verdict: 'done', seq: seq(1) })
      expect(await save(one)).toEqual(first)
      expect(await save({ seq: seq(9999) })).toMatchObject({ verdict: 'no_message' })
      await save(two)
      expect(await save(three)).toMatchObject({ verdict: 'too_many' })
      const saved = async () =>
        (await world.other.savedMessages(user.id, null, 10)).map(({ message }) => message.body)
      expect(await saved()).toEqual(['two', 'one'])
      await world.revise(room, ann, one, null)
      expect(await saved()).toEqual(['two'])
      expect(await save(three)).toMatchObject({ verdict: 'done' })
      expect(await saved()).toEqual(['three', 'two'])
      expect(await world.other.savedMessages(user.id, seq(4), 10)).toMatchObject([
        { message: { body: 'two' } },
      ])
      const { head } = await changes(user)
      await save(two, false)
      expect(await save(two, false)).toEqual({ verdict: 'done', seq: seq(head + 1) })
      expect((await changes(user, head)).entries).toMatchObject([
        { type: 'saved', item: two.seq, value: null },
      ])
      expect(await save({ seq: seq(1) }, false)).toEqual({ verdict: 'done', seq: seq(0) })
    })

    test("moves a member's own mark back, and not what others are shown", async () => {
      const [member, author] = await world.pair()
      const own = await world.room([author, member])
      const sent = await world.send(own, author, 'a', 'b', 'c', 'd')
      const at = sent.map((message) => message.seq)
      const last = present(at[3])
      const marked = (from: number) => world.store.markUnread(own.id, member.id, seq(from))
      const own_view = async () => present(await world.other.view({ id: own.id }, member.id))
      await world.mark(own, member, last)
      const back = present(await marked(present(at[1])))
      expect(back).toMatchObject({ readSeq: present(at[0]), deliveredSeq: last, unread: 3, number: seq(1) })
      expect(await own_view()).toMatchObject({ readSeq: present(at[0]), unread: 3 })
      expect(present(await world.other.member(own.id, member.id)).readSeq).toBe(last)
      expect(await world.other.unreadRooms(member.id, { after: 0, limit: 10 })).toMatchObject([{ unread: 3 }])
      // Forward is for reading alone.
      expect(await marked(last)).toMatchObject({ readSeq: present(at[0]), number: null })
      expect(await world.mark(own, member, 0, last)).toMatchObject({ readSeq: present(at[0]), moved: false })
      expect(await world.mark(own, member, present(at[2]))).toMatchObject({
        readSeq: present(at[2]),
        shownReadSeq: last,
        moved: false,
        number: seq(2),
      })
      expect((await changes(member)).entries).toMatchObject([
        { type: 'mark', roomId: own.id, value: { readSeq: present(at[2]), isBehind: true } },
      ])
      expect(await world.mark(own, member, last)).toMatchObject({ readSeq: last, number: seq(3), unread: 0 })
      expect((await changes(member)).entries).toMatchObject([{ value: { readSeq: last, isBehind: false } }])
      expect(await marked(1)).toMatchObject({ readSeq: seq(0), number: seq(4) })
      expect(await world.store.markUnread(own.id, (await world.user()).id, seq(1))).toBeNull()
      await world.leave(own, member)
      await world.join(own, member)
      expect(await own_view()).toMatchObject({ unread: 0 })
    })

    test('concurrent writes of two nodes take numbers one after the other', async () => {
      const user = await world.user()
      const rooms: Room[] = []
      for (let made = 0; made < 5; made++) rooms.push(await world.room([user]))
      await Promise.all(
        rooms.flatMap((at, index) =>
          [world.store, world.other].map((store, node) =>
            store.setDraft(at.id, user.id, {
              value: { text: `${index} of ${node}`, replyTo: null },
              base: null,
              agoMs: 0,
            }),
          ),
        ),
      )
      const { entries, head } = await changes(user)
      expect(new Set(entries.map(({ seq }) => seq)).size).toBe(5)
      expect(present(entries.at(-1)).seq).toBe(head)
      for (const entry of entries) {
        const draft = present(await world.other.draft(entry.roomId, user.id))
        expect(draft).toEqual(entry.type === 'draft' ? entry : draft)
      }
    })
  })
}
