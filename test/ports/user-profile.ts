import { beforeAll, describe, expect, test } from 'bun:test'
import { jsonText } from '../../src/core/index.ts'
import { id, present, profile } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `UserRegister` promises of what may change of a user. */
export function userProfileContract(make: MakeStores): void {
  describe('a user register, for what changes', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('changes the given names, and keeps the others', async () => {
      const [ann, bob] = await world.pair()
      const first = { ...ann, firstName: "A'nn 😀" }
      expect(await world.store.updateProfile(ann.id, { firstName: first.firstName })).toEqual(profile(first))
      const lee = profile({ ...first, lastName: 'Lee' })
      expect(await world.other.updateProfile(ann.id, { lastName: 'Lee' })).toEqual(lee)
      expect(await world.store.updateProfile(ann.id, {})).toEqual(lee)
      expect(await world.store.updateProfile(ann.id, { firstName: undefined, lastName: '' })).toEqual(
        profile(first),
      )
      expect(present(await world.other.user(ann.id)).user).toEqual(first)
      expect(present(await world.store.user(bob.id)).user).toEqual(bob)
    })

    test('changes the metadata, which others see, and removes it', async () => {
      const ann = await world.user()
      const metadata = jsonText({ zone: 'Europe/Berlin', 2: 'two', 1: 'one' })
      expect(await world.store.updateProfile(ann.id, { metadata })).toEqual(profile(ann, metadata))
      expect(await world.store.updateProfile(ann.id, {})).toEqual(profile(ann, metadata))
      expect(await world.other.accountsById([ann.id])).toEqual([profile(ann, metadata)])
      expect(await world.other.users({ after: ann.id - 1, limit: 1 }, '')).toEqual([profile(ann, metadata)])
      expect(await world.store.updateProfile(ann.id, { metadata: null })).toEqual(profile(ann))
    })

    test('changes a password, and nothing else', async () => {
      const name = world.name('user')
      const ann = await world.store.createUser(name, 'one', 'person')
      const bob = await world.store.createUser(world.name('user'), 'one', 'person')
      await world.store.setPassword(ann.id, 'two')
      expect(await world.other.credentials(name)).toEqual({ user: ann, passwordHash: 'two', kind: 'person' })
      expect(await world.store.user(bob.id)).toEqual({ user: bob, passwordHash: 'one', kind: 'person' })
    })

    test('knows when users were last seen', async () => {
      const [ann, bob, eve] = [await world.user(), await world.user(), await world.user()]
      const seen = await world.store.touchSeen([
        { user: bob.id, agoMs: 0 },
        { user: ann.id, agoMs: 600_000.5 },
      ])
      expect([...seen.keys()].toSorted()).toEqual([ann.id, bob.id].toSorted())
      const [hers, his] = [present(seen.get(ann.id)), present(seen.get(bob.id))]
      expect(Math.abs(his.getTime() - Date.now())).toBeLessThan(60_000)
      expect(Math.abs(his.getTime() - hers.getTime() - 600_000)).toBeLessThan(2)
      expect(await world.other.usersById([eve.id])).toEqual([eve])
      expect(present(await world.other.user(ann.id)).user).toEqual({ ...ann, lastSeen: hers })
      expect(present(await world.other.user(bob.id)).user).toEqual({ ...bob, lastSeen: his })
    })

    test('moves that time forward, never back', async () => {
      const ann = await world.user()
      const first = present((await world.store.touchSeen([{ user: ann.id, agoMs: 60_000 }])).get(ann.id))
      const older = await world.other.touchSeen([{ user: ann.id, agoMs: 120_000 }])
      expect(older).toEqual(new Map([[ann.id, first]]))
      const later = present((await world.store.touchSeen([{ user: ann.id, agoMs: 0 }])).get(ann.id))
      expect(later.getTime()).toBeGreaterThan(first.getTime())
      expect(present(await world.other.user(ann.id)).user.lastSeen).toEqual(later)
    })

    test('updates many users at once, from two nodes, in any order', async () => {
      const users = await world.users(50)
      const seen = users.map((user) => ({ user: user.id, agoMs: 0 }))
      const rounds = Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0 ? world.store.touchSeen(seen) : world.other.touchSeen(seen.toReversed()),
      )
      for (const round of await Promise.all(rounds)) expect(round.size).toBe(50)
    })

    test('does nothing for unknown users', async () => {
      const nobody = id(Number.MAX_SAFE_INTEGER)
      expect(await world.store.updateProfile(nobody, { firstName: 'No' })).toBeNull()
      expect(await world.store.touchSeen([{ user: nobody, agoMs: 0 }])).toEqual(new Map())
      expect(await world.store.touchSeen([])).toEqual(new Map())
      await world.store.setPassword(nobody, 'none')
      expect(await world.store.user(nobody)).toBeNull()
    })
  })
}
