import { beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId, UserId } from '../../src/core/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** A look-up returns the same in a statement with many others as alone. */
export function batchedLookUpsContract(make: MakeStores): void {
  describe('many look-ups at once', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    /** Members, invited users, non-members, a direct chat, rooms and users that do not exist, and one look-up twice. */
    async function everyKind(): Promise<{ room: RoomId; user: UserId }[]> {
      const [ann, bob, cid] = [await world.user(), await world.user(), await world.user()]
      const open = await world.room([ann, bob])
      const closed = await world.room([bob], 'private')
      const gone = await world.room([ann])
      const direct = (await world.store.openDirect(ann.id, bob.id)).room
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      await world.store.invite(await world.accessFacts(closed, bob), bob, [ann])
      await world.send(open, bob, 'one', 'two')
      await world.mark(open, ann, 2)
      const rooms = [open.id, direct.id, closed.id, gone.id, id(2 ** 50)]
      const users = [cid.id, ann.id, id(2 ** 50), bob.id]
      const all = rooms.flatMap((room) => users.map((user) => ({ room, user })))
      return [...all, present(all[1])]
    }

    test('about access facts', async () => {
      const wanted = await everyKind()
      const alone = wanted.map(({ room, user }) => world.store.accessFacts({ id: room }, user))
      const batched = await world.store.accessFactsOf(wanted)
      expect(batched).toEqual(await Promise.all(alone))
      const roles = new Set(batched.map((access) => access?.role))
      expect(roles).toEqual(new Set([undefined, null, 'owner', 'member']))
      expect(batched.some((access) => access?.invited)).toBe(true)
    })

    test('about facts: marks are only for members', async () => {
      const wanted = await everyKind()
      for (const most of [0, 1, 9]) {
        const alone = wanted.map(({ room, user }) => world.store.facts(room, user, most))
        const batched = await world.store.factsOf(wanted, most)
        expect(batched).toEqual(await Promise.all(alone))
        for (const [i, { room, user }] of wanted.entries()) {
          const facts = batched[i]
          const view = await world.store.view({ id: room }, user)
          expect(facts?.view ?? null).toEqual(view)
          const listed = view !== null && view.role !== null && view.room.memberCount <= most
          expect(facts?.marks?.length).toBe(listed ? view.room.memberCount : undefined)
        }
      }
    })

    test('about changes: each has its own limit', async () => {
      const rooms = (await everyKind()).map(({ room }) => room)
      const [ann, bob] = await world.pair()
      const busy = await world.room([ann, bob])
      const sent = await world.send(busy, ann, 'a', 'b', 'c', 'd', 'e', 'f')
      await world.revise(busy, ann, present(sent[1]), 'edited')
      await world.revise(busy, ann, present(sent[4]), null)
      const wanted = [...rooms, busy.id].flatMap((room) =>
        [0, 1, 4].flatMap((after) => [1, 3, 200].map((limit) => ({ room, after: seq(after), limit }))),
      )
      const alone = wanted.map(({ room, after, limit }) => world.store.changes(room, after, limit))
      const batched = await world.store.changesOf(wanted)
      expect(batched).toEqual(await Promise.all(alone))
      const own = wanted.flatMap(({ room, after, limit }, i) =>
        room === busy.id ? [{ after, limit, page: present(batched[i]) }] : [],
      )
      const head = present((await world.store.heads([busy.id])).get(busy.id))
      for (const { after, limit, page } of own) {
        expect(page.readAt).toBe(head)
        expect(page.head === head).toBe(limit === 200)
        expect(page.head).toBeGreaterThan(after)
      }
      expect(batched).toContain(null)
    })

    test('about snapshots: each has its own number of messages, and only members see any', async () => {
      const [ann, bob] = await world.pair()
      const busy = await world.room([ann, bob])
      await world.send(busy, ann, 'a', 'b', 'c', 'd')
      const places = [...(await everyKind()), { room: busy.id, user: ann.id }]
      const wanted = places.flatMap((place) => [0, 1, 3, 50].map((messages) => ({ ...place, messages })))
      for (const most of [0, 9]) {
        const alone = wanted.map(({ room, user, messages }) =>
          world.store.snapshot(room, user, messages, most),
        )
        const batched = await world.store.snapshotsOf(wanted, most)
        expect(batched).toEqual(await Promise.all(alone))
        expect(batched.slice(-4).map((snapshot) => snapshot?.messages.length)).toEqual([0, 1, 3, 4])
        for (const snapshot of batched)
          if (snapshot?.view.role === null) expect(snapshot.messages).toEqual([])
      }
    })

    test("about tokens' owners", async () => {
      const [ann, bob] = await world.pair()
      const hash = () => crypto.getRandomValues(new Uint8Array(32))
      const [hers, his, expired, ticket] = [hash(), hash(), hash(), hash()]
      await world.store.addToken(hers, ann.id, 3_600_000)
      await world.store.addToken(his, bob.id, 3_600_000)
      await world.store.addToken(expired, bob.id, -1000)
      await world.store.addTicket(ticket, bob.id, his, 3_600_000)
      const owners = await world.store.tokenOwners([his, hash(), hers, expired, ticket, his])
      expect(owners.map((owner) => owner?.user ?? null)).toEqual([bob, null, ann, null, null, bob])
      expect(present(owners[0]).expiresInMs).toBeWithin(3_000_000, 3_600_001)
    })

    test('zero look-ups give an empty result', async () => {
      expect(await world.store.accessFactsOf([])).toEqual([])
      expect(await world.store.factsOf([], 9)).toEqual([])
      expect(await world.store.changesOf([])).toEqual([])
      expect(await world.store.snapshotsOf([], 9)).toEqual([])
      expect(await world.store.tokenOwners([])).toEqual([])
    })
  })
}
