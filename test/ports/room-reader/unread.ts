import { beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Message, Room, User } from '../../../src/core/index.ts'
import { present, seq } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from '../world.ts'

const step = fc.record({
  do: fc.constantFrom('send', 'send', 'send', 'delete', 'edit', 'read', 'describe'),
  who: fc.nat(2),
  nth: fc.nat(20),
})

/** What `RoomReader` promises of how much is unread. */
export function unreadContract(make: MakeStores): void {
  describe('unread messages', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('are those of others after the mark, without tombstones, in every way to read them', async () => {
      const users = await world.users(3)
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20, size: 'max' }), async (steps) => {
          const room = await world.room(users)
          const messages = new Map<number, Message>()
          for (const { do: what, who, nth } of steps) {
            const user = present(users[who])
            const message = [...messages.values()][nth % Math.max(1, messages.size)]
            if (what === 'send' || (message === undefined && what !== 'read')) {
              for (const sent of await world.send(room, user, 'words')) messages.set(sent.seq, sent)
            } else if (what === 'read') await world.mark(room, user, nth)
            else if (what === 'describe') {
              const owner = present(users[0])
              await world.store.describe(await world.accessFacts(room, owner), owner, { avatar: `${nth}` })
            } else if (message !== undefined) {
              await world.revise(room, user, message, what === 'edit' ? 'edited' : null)
              if (what === 'delete') messages.delete(message.seq)
            }
          }
          for (const user of users) await check(room, user, [...messages.values()])
        }),
        { numRuns: 10 },
      )
    })

    async function check(room: Room, user: User, messages: readonly Message[]): Promise<void> {
      const { readSeq } = present(await world.store.member(room.id, user.id))
      const unread = messages.filter(({ seq: at, sender }) => at > readSeq && sender.id !== user.id).length
      const { lastSeq: head } = await world.now(room)
      const views = [
        present(await world.store.view({ id: room.id }, user.id)),
        present(await world.store.facts(room.id, user.id, 9)).view,
        present(await world.store.snapshot(room.id, user.id, 0, 0)).view,
      ]
      for (const view of views) expect(view).toMatchObject({ unread, readSeq, room: { lastSeq: head } })
      expect(await world.mark(room, user, 0)).toMatchObject({ unread, readSeq, head })
      const listed = await world.store.unreadRooms(user.id, { after: room.id - 1, limit: 10 })
      expect(listed).toEqual(unread === 0 ? [] : [{ room: room.id, unread, mentions: 0, readSeq, head }])
    }

    test('are listed by room, direct chats included, in pages', async () => {
      const [ann, bob] = await world.pair()
      const rooms: Room[] = []
      for (let i = 0; i < 4; i++) rooms.push(await world.room([ann, bob]))
      rooms.push((await world.store.openDirect(ann.id, bob.id)).room)
      for (const [i, room] of rooms.entries()) {
        if (i !== 2) await world.send(room, bob, ...Array.from({ length: i + 1 }, () => 'words'))
      }
      await world.send(present(rooms[2]), ann, 'her own')
      const left = await world.room([bob, ann])
      await world.leave(left, ann)
      await world.send(left, bob, 'not for her')
      const expected = [0, 1, 3, 4].map((i) => [present(rooms[i]).id, i + 1])
      const found: number[][] = []
      for (let after = 0; ; ) {
        const page = await world.store.unreadRooms(ann.id, { after, limit: 2 })
        expect(page.length).toBeLessThanOrEqual(2)
        const last = page.at(-1)
        if (last === undefined) break
        found.push(...page.map(({ room, unread }) => [room, unread]))
        after = last.room
      }
      expect(found).toEqual(expected)
      expect(await world.store.unreadRooms(bob.id, { after: 0, limit: 10 })).toMatchObject([
        { room: present(rooms[2]).id, unread: 1 },
      ])
    })

    test('are counted up to a thousand, among the latest ten thousand', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const send = (sender: User, count: number) =>
        world.store.append(0, batchOf(Array.from({ length: count }, () => world.draft(room, sender))))
      await send(ann, 999)
      const counts = async () => [
        present(await world.store.view({ id: room.id }, bob.id)).unread,
        present(await world.mark(room, bob, 0)).unread,
        ...(await world.store.unreadRooms(bob.id, { after: 0, limit: 10 })).map(({ unread }) => unread),
      ]
      expect(await counts()).toEqual([999, 999, 999])
      await send(ann, 5)
      expect(await counts()).toEqual([1000, 1000, 1000])
      await world.mark(room, bob, 902)
      for (let i = 0; i < 9; i++) await send(bob, 1000)
      expect(await counts()).toEqual([104, 104, 104])
      await send(bob, 950)
      expect(await counts()).toEqual([50, 50, 50])
      await send(bob, 50)
      expect(await counts()).toEqual([0, 0])
      expect(await world.mark(room, bob, 0)).toMatchObject({ readSeq: seq(902), head: seq(11_006) })
    })
  })
}
