import { beforeAll, describe, expect, test } from 'bun:test'
import type { UserId, UserPresence } from '../../src/core/index.ts'
import { id } from '../core/fakes/values.ts'

/** The presence of two nodes that know of each other. */
export type MakeUserPresence = () => Promise<readonly [UserPresence, UserPresence]>

/** What `UserPresence` promises. */
export function userPresenceContract(make: MakeUserPresence): void {
  describe('user presence', () => {
    let one: UserPresence
    let two: UserPresence
    let made = 0
    beforeAll(async () => {
      ;[one, two] = await make()
    })

    test('reports whether a node is the user’s first or last', async () => {
      const user = fresh()
      expect(await one.arrive(user)).toBe(true)
      expect(await two.arrive(user)).toBe(false)
      expect(await one.depart(user)).toBe(false)
      expect(await one.arrive(user)).toBe(false)
      expect(await two.depart(user)).toBe(false)
      expect(await one.depart(user)).toBe(true)
      expect(await two.arrive(user)).toBe(true)
      expect(await two.depart(user)).toBe(true)
    })

    test('knows who is online, from both nodes', async () => {
      const [ann, bob, eve, joe] = [fresh(), fresh(), fresh(), fresh()]
      await one.arrive(ann)
      await two.arrive(bob)
      for (const node of [one, two]) await node.arrive(eve)
      for (const node of [one, two]) {
        expect(await node.online([joe, eve, bob, ann])).toEqual(new Set([ann, bob, eve]))
        expect(await node.online([bob, bob])).toEqual(new Set([bob]))
        expect(await node.online([joe])).toEqual(new Set())
        expect(await node.online([])).toEqual(new Set())
      }
      await one.depart(ann)
      await one.depart(eve)
      for (const node of [one, two]) expect(await node.online([ann, bob, eve])).toEqual(new Set([bob, eve]))
    })

    test('is idempotent, with the same result', async () => {
      const user = fresh()
      for (let i = 0; i < 2; i++) expect(await one.arrive(user)).toBe(true)
      for (let i = 0; i < 2; i++) expect(await two.arrive(user)).toBe(false)
      for (let i = 0; i < 2; i++) expect(await one.depart(user)).toBe(false)
      expect(await one.online([user])).toEqual(new Set([user]))
      for (let i = 0; i < 2; i++) expect(await two.depart(user)).toBe(true)
      expect(await one.online([user])).toEqual(new Set())
    })

    test('counts each user separately', async () => {
      const [ann, bob] = [fresh(), fresh()]
      expect(await one.arrive(ann)).toBe(true)
      expect(await one.arrive(bob)).toBe(true)
      expect(await one.depart(ann)).toBe(true)
      expect(await two.arrive(bob)).toBe(false)
    })

    test('has one first and one last of two simultaneous nodes', async () => {
      const users = Array.from({ length: 20 }, fresh)
      for (const user of users) {
        const came = await Promise.all([one.arrive(user), two.arrive(user)])
        expect(came.toSorted()).toEqual([false, true])
        const went = await Promise.all([one.depart(user), two.depart(user)])
        expect(went.toSorted()).toEqual([false, true])
      }
    })

    /** A user that no other test has. */
    function fresh(): UserId {
      return id(++made)
    }
  })
}
