import { beforeAll, describe, expect, test } from 'bun:test'
import type { Message, Room, User } from '../../../src/core/index.ts'
import { present, seq } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from '../world.ts'

/** Rooms are counted by so many numbers. */
const BLOCK = 1024

/** What `MessageLog` promises of numbered pages, and `RoomRegister` of what is unread in direct chats, however far back. */
export function numberedContract(make: MakeStores): void {
  describe('in a long room', () => {
    let world: World
    let ann: User
    let bob: User
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
    })

    /** Sends until the room's last number is this one, by both in turn. */
    async function fill(room: Room, upTo: number): Promise<void> {
      const missing = upTo - present(await world.head(room))
      const drafts = Array.from({ length: missing }, (_, i) => world.draft(room, i % 3 === 0 ? bob : ann))
      await world.store.append(0, batchOf(drafts))
    }

    async function remove(room: Room, at: number): Promise<void> {
      const message = await world.read(room, { seq: seq(at) })
      await world.revise(room, message.sender, message, null)
    }

    /** What is shown of the room, newest first. */
    async function shown(room: Room): Promise<Message[]> {
      const all: Message[] = []
      for (let hasOlder = true; hasOlder; ) {
        const before = all[0]?.seq ?? seq(Number.MAX_SAFE_INTEGER)
        const page = await world.store.history(room.id, { before }, 1000, { tombstones: false })
        all.unshift(...page.messages)
        hasOlder = page.hasOlder
      }
      return all.reverse()
    }

    test('every page has the right messages, whatever other changes took numbers', async () => {
      const room = await world.room([ann, bob])
      await fill(room, BLOCK - 2)
      await remove(room, 10)
      // The change that ends a block is no message, and the next one ends with a deletion.
      await world.store.describe(await world.accessFacts(room, ann), ann, { description: 'a long one' })
      await fill(room, 2 * BLOCK - 3)
      for (const at of [11, BLOCK + 5, 2 * BLOCK - 3]) await remove(room, at)
      await fill(room, 4 * BLOCK + 100)
      for (const at of [12, 3 * BLOCK, 3 * BLOCK + 1, 4 * BLOCK, 4 * BLOCK + 50]) await remove(room, at)

      const all = await shown(room)
      const offsets = [0, 1, 90, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7, all.length - 5]
      for (let at = 13; at < all.length + 200; at += 97) offsets.push(at)
      for (const offset of [...offsets, all.length - 1, all.length, all.length + 1, 99_999_999_900]) {
        expect(await world.store.numberedPage(room.id, offset, 20)).toEqual({
          messages: all.slice(offset, offset + 20),
          count: all.length,
        })
      }
    })

    test("of two users, all of the other's messages after the mark are unread, for any mark", async () => {
      const { room } = await world.store.openDirect(ann.id, bob.id)
      await fill(room, 3 * BLOCK + 200)
      for (const at of [1, 2, 3, 4, BLOCK, BLOCK + 1, 2 * BLOCK + 9, 3 * BLOCK + 5]) await remove(room, at)
      const all = await shown(room)
      const head = present(await world.head(room))
      for (const at of [
        0,
        1,
        500,
        BLOCK - 1,
        BLOCK,
        BLOCK + 1,
        2 * BLOCK,
        3 * BLOCK - 1,
        3 * BLOCK + 1,
        head,
      ]) {
        for (const user of [ann, bob]) {
          await world.mark(room, user, at)
          const unread = all.filter((message) => message.seq > at && message.sender.id !== user.id).length
          expect((await world.store.direct(user.id, room.id))?.unread).toBe(unread)
          expect((await world.store.directs(user.id, 10)).map((summary) => summary.unread)).toEqual([unread])
        }
      }
    })
  })
}
