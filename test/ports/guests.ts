import { beforeAll, describe, expect, test } from 'bun:test'
import type { ListedStay, Stay, User } from '../../src/core/index.ts'
import { type MakeStores, World } from './world.ts'

/** What `GuestRegister` promises, but for accounts that are used again, which takes a minute. */
export function guestsContract(make: MakeStores): void {
  describe('guests', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('have accounts of kind guest, which are listed nowhere', async () => {
      const name = world.name('guest')
      const { user, stay } = await world.store.takeGuest(name)
      expect(user).toMatchObject({ username: name, firstName: '', lastSeen: null })
      expect(stay).toEqual({ user: user.id, number: 1 })
      expect(await world.other.user(user.id)).toEqual({ user, passwordHash: null, kind: 'guest' })
      expect(await world.store.accountsById([user.id])).toEqual([])
    })

    test('each get a different account, also simultaneously', async () => {
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? world.store : world.other).takeGuest(world.name('guest')),
        ),
      )
      expect(new Set(made.map(({ user }) => user.id)).size).toBe(20)
    })

    test('stay until they are ended, with signs of life that every node sees', async () => {
      const { user, stay } = await guest()
      expect(await listed(stay)).toEqual({ ...stay, username: user.username, beats: 0 })
      await world.store.keepGuests([stay])
      await world.other.keepGuests([stay, { user: user.id, number: stay.number + 1 }])
      expect(await listed(stay)).toMatchObject({ beats: 2 })
      await world.store.freeGuest(stay)
      expect(await listed(stay)).toBeUndefined()
      await world.store.keepGuests([stay])
      expect(await listed(stay)).toBeUndefined()
      await world.store.keepGuests([])
    })

    test('are listed by user, in pages', async () => {
      const made = [await guest(), await guest(), await guest()]
      const ids = made.map(({ user }) => user.id)
      const [first] = made
      if (first === undefined) throw new Error('there is no guest')
      const page = await world.store.guestStays(first.user.id, 1)
      expect(page.map(({ user }) => user)).toEqual(ids.slice(1, 2))
      const rest = await world.store.guestStays(first.user.id, 100)
      expect(rest.map(({ user }) => user)).toEqual(ids.slice(1))
    })

    test('are removed by the one node that claims them, which is told their rooms', async () => {
      const { user, stay } = await guest()
      const [ann] = await world.users(1)
      if (ann === undefined) throw new Error('there is no user')
      const rooms = [await world.room([ann]), await world.room([ann])]
      for (const room of rooms) await world.join(room, user)
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? world.store : world.other).claimGuest(stay)),
      )
      const won = claims.filter((claim) => claim !== null)
      expect(won).toEqual([
        { stay: { user: user.id, number: stay.number + 1 }, rooms: rooms.map(({ id }) => id) },
      ])
      // The former holder of the stay has lost it.
      await world.store.keepGuests([stay])
      await world.store.freeGuest(stay)
      expect(await listed(stay)).toMatchObject({ number: stay.number + 1, beats: 0 })
      expect(await world.store.claimGuest(stay)).toBeNull()
    })

    test('keep their messages for ever, and their name', async () => {
      const { user, stay } = await guest()
      const [ann] = await world.users(1)
      const room = await world.room(ann === undefined ? [] : [ann])
      await world.join(room, user)
      await world.send(room, user, 'their words')
      await world.store.freeGuest(stay)
      expect(await listed(stay)).toBeUndefined()
      expect(await world.store.user(user.id)).toMatchObject({ user: { username: user.username } })
    })

    function guest(): Promise<{ user: User; stay: Stay }> {
      return world.store.takeGuest(world.name('guest'))
    }

    /** As the other node sees it. */
    async function listed({ user }: Stay): Promise<ListedStay | undefined> {
      const all: ListedStay[] = []
      for (let after: ListedStay['user'] | 0 = 0; ; ) {
        const page: ListedStay[] = await world.other.guestStays(after, 50)
        all.push(...page)
        const last = page.at(-1)
        if (last === undefined) return all.find((each) => each.user === user)
        after = last.user
      }
    }
  })
}
