import { beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type Message,
  type PinEvent,
  type PinWritten,
  type Room,
  type Seq,
  type Store,
  type User,
  WriteConflict,
} from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

const MOST = 100

/** What `PinLog` promises. */
export function pinLogContract(make: MakeStores): void {
  describe('a pin log', () => {
    let world: World
    let ann: User
    let bob: User
    let room: Room
    let messages: Message[]
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
    })

    async function begin(count = 3): Promise<void> {
      room = await world.room([ann, bob])
      messages = await world.send(room, ann, ...Array.from({ length: count }, (_, n) => `words ${n}`))
    }

    async function pin(message: Message, on = true, more: { by?: User; most?: number; store?: Store } = {}) {
      const { by = ann, most = MOST, store = world.store } = more
      return store.pin(await world.accessFacts(room, by), by, message.seq, on, most)
    }

    const at = (index: number) => present(messages[index])
    const eventOf = ({ event }: PinWritten): PinEvent => present(event)

    /** The numbers of the pinned messages, as pages, the snapshot and the list have them, with who pinned them. */
    async function seen(): Promise<(readonly [Seq, number])[]> {
      const page = await world.other.history(room.id, 'latest', 200, { tombstones: true, viewer: bob.id })
      const snapshot = present(await world.other.snapshot(room.id, bob.id, 200, 200))
      const listed = await world.other.pinned(room.id, null, 200)
      const pins = [...page.pins].sort(([a], [b]) => a - b)
      expect([...snapshot.pins].sort(([a], [b]) => a - b)).toEqual(pins)
      const bySeq = listed.map((each) => [each.message.seq, each.pin] as const)
      expect(bySeq.sort(([a], [b]) => a - b)).toEqual(pins)
      return pins.map(([number, { by }]) => [number, by.id])
    }

    async function changed(after: number) {
      const { events } = present(await world.other.changes(room.id, seq(after), 200))
      return events.filter((event) => event.type === 'pin')
    }

    test('pins and unpins with one event each, shown everywhere; what is so already changes nothing', async () => {
      await begin()
      const before = (await world.now(room)).lastSeq
      const first = await pin(at(0))
      const { id, username } = ann
      expect(first).toEqual({
        verdict: 'done',
        head: seq(before + 1),
        event: {
          type: 'pin',
          roomId: room.id,
          seq: seq(before + 1),
          message: at(0).seq,
          on: true,
          actor: { id, username },
          at: expect.any(Date),
        },
      })
      expect(await changed(before)).toEqual([eventOf(first)])
      expect(await seen()).toEqual([[at(0).seq, ann.id]])
      const [listed] = await world.store.pinned(room.id, null, 10)
      expect(listed).toEqual({
        message: await world.read(room, at(0)),
        pin: { by: { id, username }, at: eventOf(first).at },
        pinnedSeq: eventOf(first).seq,
      })
      expect(await pin(at(0), true, { by: bob, store: world.other })).toEqual({
        verdict: 'done',
        event: null,
        head: first.head,
      })
      expect(await seen()).toEqual([[at(0).seq, ann.id]])
      const last = await pin(at(0), false, { by: bob })
      expect(last.event).toMatchObject({ seq: before + 2, on: false, actor: { id: bob.id } })
      expect(await pin(at(0), false)).toMatchObject({ verdict: 'done', event: null })
      expect(await seen()).toEqual([])
      // Only the latest about the message is left.
      expect(await changed(before)).toEqual([eventOf(last)])
    })

    test('lists the latest pinned first, page after page', async () => {
      await begin(5)
      for (const index of [2, 0, 4, 1]) await pin(at(index))
      await pin(at(0), false)
      await pin(at(0))
      const first = await world.other.pinned(room.id, null, 2)
      const second = await world.other.pinned(room.id, present(first[1]).pinnedSeq, 2)
      expect(await world.other.pinned(room.id, present(second[1]).pinnedSeq, 2)).toEqual([])
      const found = [...first, ...second].map(({ message }) => message.seq)
      expect(found).toEqual([0, 1, 4, 2].map((index) => at(index).seq))
    })

    test('pins at most so many of a room, over both nodes at once', async () => {
      await begin(12)
      const wishes = messages.map((message, n) =>
        pin(message, true, { most: 5, store: n % 2 === 0 ? world.store : world.other }),
      )
      const verdicts = (await Promise.all(wishes)).map(({ verdict }) => verdict)
      expect(verdicts.filter((verdict) => verdict === 'done')).toHaveLength(5)
      expect(verdicts.filter((verdict) => verdict === 'too_many')).toHaveLength(7)
      const pinned = (await seen()).map(([number]) => number)
      expect(pinned).toHaveLength(5)
      // One that is pinned may be pinned again, and the place of one that is not is free.
      const held = present(messages.find((message) => pinned.includes(message.seq)))
      const other = present(messages.find((message) => !pinned.includes(message.seq)))
      expect(await pin(held, true, { most: 5 })).toMatchObject({ verdict: 'done', event: null })
      await pin(held, false)
      expect(await pin(other, true, { most: 5 })).toMatchObject({ verdict: 'done' })
    })

    test('a deletion unpins the message, frees its place, and leaves no event that pins it', async () => {
      await begin()
      const before = (await world.now(room)).lastSeq
      for (const index of [0, 1]) await pin(at(index))
      await world.revise(room, ann, at(0), null)
      expect(await seen()).toEqual([[at(1).seq, ann.id]])
      expect((await changed(before)).map(({ message }) => message)).toEqual([at(1).seq])
      expect((await changed(0)).map(({ message }) => message)).toEqual([at(1).seq])
      expect(await pin(at(0))).toMatchObject({ verdict: 'no_message', event: null })
      expect(await pin(at(0), false)).toMatchObject({ verdict: 'no_message', event: null })
      expect(await pin(at(2), true, { most: 2 })).toMatchObject({ verdict: 'done' })
      const head = await world.head(room)
      expect(present(await world.other.changes(room.id, seq(before), 200)).head).toBe(seq(present(head)))
    })

    test('an edit keeps the pin', async () => {
      await begin()
      await pin(at(0))
      await world.revise(room, ann, at(0), 'other words')
      expect(await seen()).toEqual([[at(0).seq, ann.id]])
    })

    test('a thread shows the pins of its messages', async () => {
      await begin()
      await pin(at(0))
      const wanted = { room: room.id, message: at(0).seq, viewer: bob.id, tombstones: false }
      const { page } = present(await world.other.thread(wanted, 'latest', 10))
      expect([...page.pins.keys()]).toEqual([at(0).seq])
    })

    test('there is nothing to pin where there is no message, and nothing changes', async () => {
      await begin()
      const { lastSeq } = await world.now(room)
      const access = await world.accessFacts(room, ann)
      for (const number of [lastSeq + 1, 1]) {
        const written = await world.store.pin(access, ann, seq(number), true, MOST)
        expect(written).toEqual({ verdict: 'no_message', event: null, head: lastSeq })
      }
      expect(await world.head(room)).toBe(lastSeq)
    })

    test('is refused if the role has changed since, and to those who are muted or gone', async () => {
      await begin()
      await world.change(room, ann, bob, 'role', 'admin')
      const asAdmin = await world.accessFacts(room, bob)
      await world.change(room, ann, bob, 'role', 'member')
      const stale = world.other.pin(asAdmin, bob, at(0).seq, true, MOST)
      await expect(stale).rejects.toBeInstanceOf(WriteConflict)
      await world.restrain(room, ann, bob, 'muted')
      await expect(pin(at(0), true, { by: bob })).rejects.toMatchObject({
        kind: 'forbidden',
        restraint: 'muted',
      })
      const asMember = await world.accessFacts(room, bob)
      await world.restrain(room, ann, bob, 'banned')
      const banned = world.other.pin(asMember, bob, at(0).seq, true, MOST)
      await expect(banned).rejects.toBeInstanceOf(WriteConflict)
      expect(await seen()).toEqual([])
    })

    test('whatever is pinned, unpinned and deleted in turn, all views agree with a model', async () => {
      const act = fc.tuple(fc.constantFrom('pin', 'unpin', 'delete'), fc.nat({ max: 5 }))
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 15 }), async (acts) => {
          await begin(6)
          const model = new Map<Seq, number>()
          const deleted = new Set<Seq>()
          for (const [what, index] of acts) {
            const message = at(index)
            if (deleted.has(message.seq)) continue
            if (what === 'delete') {
              await world.revise(room, ann, message, null)
              deleted.add(message.seq)
              model.delete(message.seq)
              continue
            }
            const by = index % 2 === 0 ? ann : bob
            const { verdict } = await pin(message, what === 'pin', { by, most: 3 })
            const isFull = what === 'pin' && model.size === 3 && !model.has(message.seq)
            expect(verdict).toBe(isFull ? 'too_many' : 'done')
            if (what === 'unpin') model.delete(message.seq)
            else if (!isFull && !model.has(message.seq)) model.set(message.seq, by.id)
          }
          const expected = [...model].sort(([a], [b]) => a - b)
          expect(await seen()).toEqual(expected)
          const shown = new Map<Seq, number>()
          for (const event of await changed(0)) {
            if (event.on) shown.set(event.message, event.actor.id)
            else shown.delete(event.message)
          }
          expect([...shown].sort(([a], [b]) => a - b)).toEqual(expected)
        }),
        { numRuns: 12 },
      )
    })
  })
}
