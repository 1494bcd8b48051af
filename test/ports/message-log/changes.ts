import { beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Room, RoomEvent, Seq, User } from '../../../src/core/index.ts'
import { stateOf } from '../../core/fakes/room-model.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

const step = fc.record({
  do: fc.constantFrom(
    ...['send', 'send', 'send', 'edit', 'edit', 'delete', 'join', 'leave'],
    ...['invite', 'uninvite', 'role', 'transfer', 'describe'],
  ),
  nth: fc.nat(20),
})

/** What `MessageLog.changes` promises. */
export function changesContract(make: MakeStores): void {
  describe('changes', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('lead from any number to the room’s current state, in pages of any size', async () => {
      const users = await world.users(3)
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
          fc.integer({ min: 1, max: 8 }),
          async (steps, limit) => {
            const room = await world.room(users.slice(0, 1))
            const truth = await play(world, room, users, steps)
            expect(truth.map((event) => event.seq)).toEqual(truth.map((_, i) => id(i + 1)))
            for (let after = 0; after <= truth.length; after++) {
              const caughtUp = await readOn(room, seq(after), limit)
              expect(stateOf([...truth.slice(0, after), ...caughtUp])).toEqual(stateOf(truth))
            }
          },
        ),
        { numRuns: 12 },
      )
    })

    test('appear once, in their current form; up to the limit, with the number at which the page ends', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const [first, second] = await world.send(room, ann, 'one', 'two')
      await world.revise(room, ann, present(first), 'one, edited')
      await world.revise(room, ann, present(second), null)
      const joined = await world.join(room, bob)
      const now = await Promise.all([2, 3].map((at) => world.read(room, { seq: id(at) })))
      const event = (type: 'message' | 'edited' | 'deleted', at: number, message = now[0]) => ({
        type,
        roomId: room.id,
        seq: id(at),
        message: present(message),
      })
      expect(await world.store.changes(room.id, seq(1), 10)).toEqual({
        events: [event('message', 2), event('message', 3, now[1]), joined],
        head: seq(6),
        readAt: seq(6),
      })
      expect(await world.store.changes(room.id, seq(3), 10)).toEqual({
        events: [event('edited', 4), event('deleted', 5, now[1]), joined],
        head: seq(6),
        readAt: seq(6),
      })
      expect(await world.store.changes(room.id, seq(1), 1)).toMatchObject({ head: seq(2), readAt: seq(6) })
      expect(await world.store.changes(room.id, seq(6), 10)).toEqual({
        events: [],
        head: seq(6),
        readAt: seq(6),
      })
    })

    test('never exceed the limit, for any mix of kinds', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const sent = await world.send(room, ann, 'a', 'b', 'c', 'd')
      const after = present(await world.head(room))
      for (const message of sent) {
        await world.revise(room, ann, message, 'edited')
        await world.send(room, ann, 'more')
        await world.leave(room, bob)
        await world.join(room, bob)
      }
      for (const limit of [1, 2, 3, 4, 5, 8]) {
        const page = present(await world.store.changes(room.id, seq(after), limit))
        expect(page.events.length).toBeLessThanOrEqual(limit)
        expect(page.events.length).toBeGreaterThan(0)
      }
    })

    test('are fewer if their texts are long, and continue with the rest', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const long = 'x'.repeat(100_000)
      const sent = await world.send(room, ann, ...Array.from({ length: 6 }, (_, n) => `${n}${long}`))
      for (const message of sent.slice(0, 4)) await world.revise(room, ann, message, `edited ${long}`)
      const head = present(await world.head(room))
      for (const from of [1, 7]) {
        const first = present(await world.store.changes(room.id, seq(from), 200))
        expect([first.events.length, first.readAt]).toEqual([3, head])
        expect(first.head).toBe(present(first.events.at(-1)).seq)
        const all = await readOn(room, seq(from), 200)
        expect(stateOf(all)).toEqual(stateOf(await readOn(room, seq(from), 1)))
      }
    })

    test('of a missing or deleted room are null', async () => {
      const ann = await world.user()
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      for (const room of [gone.id, id(Number.MAX_SAFE_INTEGER)]) {
        expect(await world.store.changes(room, seq(0), 10)).toBeNull()
      }
    })

    test('read during writes are consistent: nothing up to the head is missing', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      let writing = true
      const writes = (async () => {
        for (let i = 0; i < 40; i++) await world.send(room, ann, 'a', 'b', 'c')
        writing = false
      })()
      while (writing) {
        const { events, head } = present(await world.other.changes(room.id, seq(0), 1000))
        expect(events.map((event) => event.seq)).toEqual(Array.from({ length: head }, (_, i) => id(i + 1)))
      }
      await writes
    })

    async function readOn(room: Room, from: Seq, limit: number): Promise<RoomEvent[]> {
      const events: RoomEvent[] = []
      for (let after = from; ; ) {
        const page = present(await world.store.changes(room.id, after, limit))
        const numbers = page.events.map((event) => event.seq)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        expect(numbers.filter((number) => number <= after || number > page.head)).toEqual([])
        expect(numbers.length).toBeLessThanOrEqual(limit)
        events.push(...page.events)
        if (page.head === page.readAt) return events
        expect(page.head).toBeGreaterThan(after)
        after = page.head
      }
    }
  })
}

/** Does the steps, as far as they make sense, and returns every change of the room from its making on. */
async function play(
  world: World,
  room: Room,
  users: readonly User[],
  steps: readonly { do: string; nth: number }[],
) {
  let owner = present(users[0])
  const truth = [...present(await world.store.changes(room.id, seq(0), 10)).events]
  for (const { do: what, nth } of steps) {
    const messages = [...stateOf(truth).messages.values()].filter((message) => message.deletedAt === null)
    const message = messages[nth % Math.max(1, messages.length)]
    const others = users.filter((user) => user !== owner)
    const guest = present(others[nth % 2])
    const { role, invited } = await world.accessFacts(room, guest)
    if (what === 'send' || (message === undefined && ['edit', 'delete'].includes(what))) {
      for (const sent of await world.send(room, owner, `body ${truth.length}`)) {
        truth.push({ type: 'message', roomId: room.id, seq: sent.seq, message: sent })
      }
    } else if (what === 'edit' || what === 'delete') {
      truth.push(
        await world.revise(room, owner, present(message), what === 'edit' ? `edited ${truth.length}` : null),
      )
    } else if (what === 'describe') {
      const wanted = nth % 2 === 0 ? { description: `as of ${truth.length}` } : { avatar: `${truth.length}` }
      truth.push(await world.store.describe(await world.accessFacts(room, owner), owner, wanted))
    } else if (role === null && invited && what === 'uninvite') {
      truth.push(...(await world.uninvite(room, owner, guest)))
    } else if (role === null) {
      if (what !== 'invite' || invited) truth.push(await world.join(room, guest))
      else truth.push(...(await world.invite(room, owner, guest)))
    } else if (what === 'leave') truth.push(await world.leave(room, guest))
    else if (what === 'transfer') {
      truth.push(...(await world.changes(room, owner, guest, 'role', 'owner')))
      owner = guest
    } else truth.push(await world.change(room, owner, guest, 'role', role === 'admin' ? 'member' : 'admin'))
  }
  return truth
}
