import { beforeAll, describe, expect, test } from 'bun:test'
import type { KeptToken, User } from '../../src/core/index.ts'
import { present } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `TokenRegister` promises of all the tokens that a user has. */
export function tokenListContract(make: MakeStores): void {
  describe("a token register, for a user's own", () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('lists valid tokens, newest first, with their times', async () => {
      const [ann, bob] = await world.pair()
      const made: string[] = []
      for (const lifetime of [HOUR, 2 * HOUR, 3 * HOUR]) made.push((await token(ann, lifetime)).toHex())
      await token(ann, -1000)
      await token(bob)
      const ticket = hash()
      await world.store.addTicket(ticket, ann.id, Uint8Array.fromHex(present(made[0])), HOUR)
      const listed = await world.other.tokensOf(ann.id)
      // Tokens of the same moment have no order.
      expect(listed.map(hexOf).toSorted()).toEqual(made.toSorted())
      const times = listed.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual(times.toSorted((a, b) => b - a))
      for (const each of listed) {
        expect(Math.abs(each.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
        const hours = (each.expiresAt.getTime() - each.createdAt.getTime()) / HOUR
        expect(hours).toBeCloseTo(made.indexOf(hexOf(each)) + 1, 3)
      }
      expect(await world.store.tokensOf((await world.user()).id)).toEqual([])
    })

    test('lists a thousand at most, and removes them all', async () => {
      const ann = await world.user()
      await Promise.all(Array.from({ length: 1001 }, () => token(ann)))
      expect(await world.store.tokensOf(ann.id)).toHaveLength(1000)
      expect(await world.store.removeOtherTokens(ann.id, null)).toHaveLength(1001)
    })

    test('removes one of them, with its tickets, and says whether it was there', async () => {
      const ann = await world.user()
      const [first, second, ticket] = [await token(ann), await token(ann), hash()]
      await world.store.addTicket(ticket, ann.id, first, HOUR)
      const gone = await Promise.all([
        world.store.removeTokenOf(ann.id, first),
        world.other.removeTokenOf(ann.id, first),
      ])
      expect(gone.toSorted()).toEqual([false, true])
      expect(await world.store.tokenOwner(first)).toBeNull()
      expect(await world.store.redeemTicket(ticket)).toBeNull()
      expect(await world.store.tokenOwner(second)).not.toBeNull()
    })

    test('does not remove tokens of others, tickets, or expired tokens', async () => {
      const [ann, bob] = await world.pair()
      const [hers, expired, ticket] = [await token(ann), await token(ann, -1000), hash()]
      await world.store.addTicket(ticket, ann.id, hers, HOUR)
      expect(await world.store.removeTokenOf(bob.id, hers)).toBe(false)
      for (const each of [ticket, expired, hash()]) {
        expect(await world.store.removeTokenOf(ann.id, each)).toBe(false)
      }
      expect(await world.store.tokenOwner(hers)).not.toBeNull()
      expect(await world.store.redeemTicket(ticket)).not.toBeNull()
    })

    test('removes all tokens except one, and returns them', async () => {
      const [ann, bob] = await world.pair()
      const [kept, his] = [await token(ann), await token(bob)]
      const others = [await token(ann), await token(ann)]
      await token(ann, -1000)
      const [stays, goes] = [hash(), hash()]
      await world.store.addTicket(stays, ann.id, kept, HOUR)
      await world.store.addTicket(goes, ann.id, present(others[0]), HOUR)
      const gone = await world.store.removeOtherTokens(ann.id, kept)
      expect(gone.map((each) => new Uint8Array(each).toHex()).toSorted()).toEqual(
        others.map((each) => each.toHex()).toSorted(),
      )
      expect((await world.store.tokensOf(ann.id)).map(hexOf)).toEqual([kept.toHex()])
      expect(await world.store.redeemTicket(stays)).not.toBeNull()
      expect(await world.store.redeemTicket(goes)).toBeNull()
      expect(await world.store.tokenOwner(his)).not.toBeNull()
      expect(await world.store.removeOtherTokens(ann.id, kept)).toEqual([])
    })

    test('removes all tokens, or all except one that does not exist', async () => {
      const ann = await world.user()
      await token(ann)
      expect(await world.store.removeOtherTokens(ann.id, hash())).toHaveLength(1)
      await token(ann)
      await token(ann)
      expect(await world.other.removeOtherTokens(ann.id, null)).toHaveLength(2)
      expect(await world.store.tokensOf(ann.id)).toEqual([])
    })

    async function token(owner: User, lifetimeMs = HOUR): Promise<Uint8Array> {
      const made = hash()
      await world.store.addToken(made, owner.id, lifetimeMs)
      return made
    }
  })
}

const HOUR = 3_600_000

function hash(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

/** Its bytes may come as any kind of byte array. */
function hexOf(token: KeptToken): string {
  return new Uint8Array(token.hash).toHex()
}
