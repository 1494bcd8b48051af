import { beforeAll, describe, expect, test } from 'bun:test'
import type {
  Message,
  ReactionBounds,
  ReactionEvent,
  ReactionsWritten,
  Room,
  Seq,
  User,
  UserId,
} from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import { type MakeStores, World } from './world.ts'

const BOUNDS: ReactionBounds = { windowMs: 0, own: 20, kinds: 50 }
const DAY_MS = 86_400_000

type Wish = readonly [user: User, reaction: string, on?: boolean]

/** What `ReactionLog` promises. */
export function reactionLogContract(make: MakeStores): void {
  describe('a reaction log', () => {
    let world: World
    let ann: User
    let bob: User
    let room: Room
    let message: Message
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
      room = await world.room([ann, bob])
    })

    async function fresh(): Promise<Message> {
      message = present((await world.send(room, ann, 'words'))[0])
      return message
    }

    function react(wishes: readonly Wish[], bounds: Partial<ReactionBounds> = {}, store = world.store) {
      const wanted = wishes.map(([user, reaction, on = true]) => ({
        message: message.seq,
        user: user.id,
        reaction,
        on,
      }))
      return store.react(room.id, wanted, { ...BOUNDS, ...bounds })
    }

    /** The reactions to the message as a viewer sees them in history, in the snapshot, and in the list of who reacts. */
    async function seen(viewer: User): Promise<unknown> {
      const page = await world.other.history(room.id, { around: message.seq }, 1, {
        tombstones: true,
        viewer: viewer.id,
      })
      const found = page.reactions.get(message.seq) ?? null
      const snapshot = present(await world.other.snapshot(room.id, viewer.id, 200, 200))
      expect(snapshot.reactions.get(message.seq) ?? null).toEqual(found)
      const listed = await world.other.reactionsTo(room.id, message.seq, null, { after: 0, limit: 1000 })
      for (const { reaction, count, users, own } of found ?? []) {
        const those = listed.filter((each) => each.reaction === reaction).map(({ user }) => user)
        expect(those).toHaveLength(count)
        expect(those.slice(0, 3)).toEqual([...users])
        expect(those.some((user) => user.id === viewer.id)).toBe(own)
      }
      return found?.map(({ reaction, count, users, own }) => [
        reaction,
        count,
        users.map((user) => user.id),
        own,
      ])
    }

    async function eventOf(result: Promise<ReactionsWritten>): Promise<ReactionEvent> {
      const { events } = await result
      expect(events).toHaveLength(1)
      return present(events[0])
    }

    test('adds and removes, each change at the next number, and shows it to each viewer as theirs or not', async () => {
      const { seq: sent } = await fresh()
      const first = await eventOf(react([[ann, '👍']]))
      expect(first).toEqual({
        type: 'reaction',
        roomId: room.id,
        seq: seq(sent + 1),
        message: sent,
        reactions: [{ reaction: '👍', count: 1, users: [{ id: ann.id, username: ann.username }] }],
        changed: [{ reaction: '👍', added: [ann.id], removed: [] }],
        at: first.at,
      })
      expect(Math.abs(first.at.getTime() - Date.now())).toBeLessThan(DAY_MS)
      expect(await world.head(room)).toBe(first.seq)
      const second = await eventOf(
        react(
          [
            [bob, '👍'],
            [bob, 'tada'],
          ],
          {},
          world.other,
        ),
      )
      expect(second.seq).toBe(seq(sent + 2))
      expect(second.reactions.map(({ reaction, count }) => [reaction, count])).toEqual([
        ['👍', 2],
        ['tada', 1],
      ])
      expect(await seen(ann)).toEqual([
        ['👍', 2, [ann.id, bob.id], true],
        ['tada', 1, [bob.id], false],
      ])
      expect(await seen(bob)).toEqual([
        ['👍', 2, [ann.id, bob.id], true],
        ['tada', 1, [bob.id], true],
      ])
      const third = await eventOf(
        react([
          [ann, '👍', false],
          [bob, 'tada', false],
        ]),
      )
      expect(third.changed).toEqual([
        { reaction: '👍', added: [], removed: [ann.id] },
        { reaction: 'tada', added: [], removed: [bob.id] },
      ])
      expect(await seen(ann)).toEqual([['👍', 1, [bob.id], false]])
      const last = await eventOf(react([[bob, '👍', false]]))
      expect([last.seq, last.reactions]).toEqual([seq(sent + 4), []])
      expect(await seen(bob)).toBeUndefined()
    })

    test('does nothing, and takes no number, if it is so already', async () => {
      await fresh()
      const { seq: told } = await eventOf(react([[ann, '👍']]))
      const again = await react([
        [ann, '👍'],
        [bob, '👍', false],
      ])
      expect(again).toMatchObject({ verdicts: ['same', 'same'], events: [], head: told })
      expect(await world.head(room)).toBe(told)
    })

    test('tells several messages of one room one after the other', async () => {
      const [one, two] = await world.send(room, ann, 'one', 'two')
      const wanted = [two, one, two].map((each, index) => ({
        message: present(each).seq,
        user: index === 2 ? bob.id : ann.id,
        reaction: '🎉',
        on: true,
      }))
      const { events, verdicts } = await world.store.react(room.id, wanted, BOUNDS)
      expect(verdicts).toEqual(['changed', 'changed', 'changed'])
      const [first, second] = events.map(({ seq: at, message: about, reactions }) => [
        at,
        about,
        reactions[0]?.count,
      ])
      expect(first).toEqual([seq(present(two).seq + 1), present(two).seq, 2])
      expect(second).toEqual([seq(present(two).seq + 2), present(one).seq, 1])
    })

    test('refuses non-members, removed members, messages that are not there, and deleted ones', async () => {
      await fresh()
      const cid = await world.user()
      expect(
        (
          await react([
            [cid, '👍'],
            [ann, '👍'],
          ])
        ).verdicts,
      ).toEqual(['not_member', 'changed'])
      await world.invite(room, ann, cid)
      expect((await react([[cid, '👍']])).verdicts).toEqual(['not_member'])
      await world.join(room, cid)
      expect((await react([[cid, '👍']])).verdicts).toEqual(['changed'])
      await world.remove(room, ann, cid)
      expect(
        (
          await react([
            [cid, 'x'],
            [cid, '👍', false],
          ])
        ).verdicts,
      ).toEqual(['not_member', 'not_member'])
      const nowhere = [{ message: seq(9_000_000), user: ann.id, reaction: '👍', on: true }]
      expect((await world.store.react(room.id, nowhere, BOUNDS)).verdicts).toEqual(['no_message'])
      const asOutsider = nowhere.map((each) => ({ ...each, user: cid.id }))
      expect((await world.store.react(room.id, asOutsider, BOUNDS)).verdicts).toEqual(['not_member'])
      await world.revise(room, ann, message, null)
      expect(
        (
          await react([
            [ann, 'x'],
            [ann, '👍', false],
          ])
        ).verdicts,
      ).toEqual(['no_message', 'no_message'])
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      expect(world.store.react(gone.id, nowhere, BOUNDS)).rejects.toMatchObject({ kind: 'not_found' })
    })

    test('holds the most of one user and of one message, in the order in which they come', async () => {
      await fresh()
      const bounds = { own: 2, kinds: 3 }
      expect(
        (
          await react(
            [
              [ann, 'a'],
              [ann, 'b'],
              [ann, 'c'],
              [bob, 'a'],
              [bob, 'd'],
            ],
            bounds,
          )
        ).verdicts,
      ).toEqual(['changed', 'changed', 'too_many', 'changed', 'changed'])
      expect(
        (
          await react(
            [
              [ann, 'b', false],
              [ann, 'e'],
              [bob, 'f'],
            ],
            bounds,
          )
        ).verdicts,
      ).toEqual(['changed', 'changed', 'too_many'])
      const cid = await world.user()
      await world.join(room, cid)
      expect(
        (
          await react(
            [
              [cid, 'f'],
              [cid, 'a'],
              [cid, 'd'],
            ],
            { own: 3, kinds: 3 },
          )
        ).verdicts,
      ).toEqual(['too_many_kinds', 'changed', 'changed'])
      expect(await seen(cid)).toEqual([
        ['a', 3, [ann.id, bob.id, cid.id], true],
        ['d', 2, [bob.id, cid.id], true],
        ['e', 1, [ann.id], false],
      ])
    })

    test('keeps a distance between two events of a message, whichever store writes them', async () => {
      await fresh()
      await react([[ann, '👍']], { windowMs: DAY_MS })
      const soon = await react(
        [
          [bob, '👍'],
          [ann, '👍'],
          [ann, 'x'],
        ],
        { windowMs: DAY_MS },
        world.other,
      )
      expect(soon.verdicts).toEqual(['too_soon', 'same', 'too_soon'])
      expect(soon.events).toEqual([])
      const wait = present(soon.waits.get(message.seq))
      expect(wait).toBeGreaterThan(DAY_MS - 60_000)
      expect(wait).toBeLessThanOrEqual(DAY_MS)
      await until(
        async () => (await react([[bob, '👍']], { windowMs: 5 })).events.length > 0,
        'the window to close',
      )
      expect(await seen(bob)).toEqual([['👍', 2, [ann.id, bob.id], true]])
    })

    test('is told by changes once for each message, with all that has changed since', async () => {
      const before = present(await world.head(room))
      await fresh()
      await react([
        [ann, 'a'],
        [bob, 'b'],
      ])
      const middle = present(await world.head(room))
      await react([
        [ann, 'a', false],
        [bob, 'c'],
      ])
      await react([
        [ann, 'a'],
        [bob, 'b', false],
      ])
      const changed = async (after: Seq, limit = 100) => {
        const found = present(await world.other.changes(room.id, after, limit))
        return { head: found.head, events: found.events.filter(({ type }) => type === 'reaction') }
      }
      const head = seq(middle + 2)
      const reactions = [
        { reaction: 'c', count: 1, users: [{ id: bob.id, username: bob.username }] },
        { reaction: 'a', count: 1, users: [{ id: ann.id, username: ann.username }] },
      ]
      const whole = await changed(seq(before))
      expect(whole).toMatchObject({ head, events: [{ seq: head, message: message.seq, reactions }] })
      const sets = (events: readonly object[]) =>
        events.flatMap((event) => ('changed' in event && Array.isArray(event.changed) ? event.changed : []))
      expect(sets(whole.events)).toEqual([
        { reaction: 'a', added: [ann.id], removed: [] },
        { reaction: 'b', added: [], removed: [bob.id] },
        { reaction: 'c', added: [bob.id], removed: [] },
      ])
      expect(sets((await changed(seq(middle + 1))).events)).toEqual([
        { reaction: 'a', added: [ann.id], removed: [] },
        { reaction: 'b', added: [], removed: [bob.id] },
      ])
      const one = await changed(seq(middle), 1)
      expect(one).toMatchObject({ head: seq(middle + 1), events: [{ reactions }] })
      await world.revise(room, ann, message, null)
      expect(await changed(seq(before))).toEqual({ head: seq(middle + 3), events: [] })
      expect(await seen(ann)).toBeUndefined()
    })

    test('pages of changes end early if they tell of many users', async () => {
      const crowd = await world.users(300)
      const many = await world.room([ann, ...crowd])
      const { seq: about } = present((await world.send(many, ann, 'words'))[0])
      const after = seq(present(await world.head(many)))
      for (let turn = 0; turn < 60; turn++) {
        const wanted = ['a', 'b', 'c', 'd'].flatMap((reaction) =>
          crowd.map((user) => ({ message: about, user: user.id, reaction, on: turn % 2 === 0 })),
        )
        await world.store.react(many.id, wanted, BOUNDS)
      }
      let at: Seq = after
      let pages = 0
      while (at < after + 60) {
        const { head } = present(await world.other.changes(many.id, at, 500))
        expect(head).toBeGreaterThan(at)
        at = head
        pages++
      }
      expect(pages).toBeGreaterThan(1)
      expect(pages).toBeLessThan(10)
    }, 60_000)

    test('lists who reacts in the order of time, in pages, in every way or in one', async () => {
      await fresh()
      await react([[bob, 'a']])
      await react([[ann, 'b']])
      await react([[ann, 'a']])
      await react([[bob, 'c']])
      const list = (reaction: string | null, after = 0, limit = 10) =>
        world.other.reactionsTo(room.id, message.seq, reaction, { after, limit })
      const shown = (all: Awaited<ReturnType<typeof list>>) =>
        all.map(({ user, reaction }) => [user.username, reaction])
      const all = await list(null)
      expect(shown(all)).toEqual([
        [bob.username, 'a'],
        [ann.username, 'b'],
        [ann.username, 'a'],
        [bob.username, 'c'],
      ])
      expect(shown(await list('a'))).toEqual([
        [bob.username, 'a'],
        [ann.username, 'a'],
      ])
      expect(shown(await list('z'))).toEqual([])
      expect(shown(await list(null, present(all[1]).id, 1))).toEqual([[ann.username, 'a']])
      expect(shown(await list('a', present(all[0]).id))).toEqual([[ann.username, 'a']])
      await world.revise(room, ann, message, null)
      expect(shown(await list(null))).toEqual([])
    })

    test('reactions at once, from both stores, are all counted, and each has been told', async () => {
      const crowd = await world.users(20)
      const many = await world.room([ann, ...crowd])
      const { seq: about } = present((await world.send(many, ann, 'words'))[0])
      const from = present(await world.head(many))
      const written = await Promise.all(
        crowd.flatMap((user, index) =>
          ['👍', '🎉'].map((reaction) =>
            (index % 2 === 0 ? world.store : world.other).react(
              many.id,
              [{ message: about, user: user.id, reaction, on: true }],
              BOUNDS,
            ),
          ),
        ),
      )
      const events = written.flatMap((each) => each.events).sort((a, b) => a.seq - b.seq)
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => seq(from + 1 + index)))
      expect(events).toHaveLength(40)
      for (const [index, { reactions }] of events.entries()) {
        expect(reactions.reduce((sum, { count }) => sum + count, 0)).toBe(index + 1)
      }
      const added = new Set(
        events.flatMap(({ changed }) => changed.flatMap((each): UserId[] => [...each.added])),
      )
      expect(added.size).toBe(20)
    })

    test('a deleted room or message keeps no reactions', async () => {
      await fresh()
      await react([
        [ann, 'a'],
        [bob, 'b'],
      ])
      await world.revise(room, ann, message, null)
      const gone = await world.room([ann])
      const { seq: about } = present((await world.send(gone, ann, 'words'))[0])
      await world.store.react(gone.id, [{ message: about, user: ann.id, reaction: 'a', on: true }], BOUNDS)
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      while (await world.store.sweep());
      for (const [where, at] of [
        [room.id, message.seq],
        [gone.id, about],
      ] as const) {
        for (const reaction of [null, 'a', 'b']) {
          expect(await world.store.reactionsTo(where, at, reaction, { after: 0, limit: 10 })).toEqual([])
        }
      }
    })
  })
}
