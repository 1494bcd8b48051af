import { beforeAll, describe, expect, test } from 'bun:test'
import type { TokenOwner, TokenRegister, User } from '../../src/core/index.ts'
import { present } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `TokenRegister` promises. */
export function tokenRegisterContract(make: MakeStores): void {
  describe('a token register', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('knows the owner of a token, on every node, every time', async () => {
      const [ann, bob] = await world.pair()
      const [hers, his] = [hash(), hash()]
      await world.store.addToken(hers, ann.id, inAnHour())
      await world.other.addToken(his, bob.id, inAnHour())
      for (const store of [world.store, world.other, world.store]) {
        expect(owner(await store.tokenOwner(hers))).toEqual(ann)
        expect(owner(await store.tokenOwner(his))).toEqual(bob)
        expect(await store.tokenOwner(hash())).toBeNull()
      }
    })

    test('accepts any bytes, and distinguishes those that differ in one', async () => {
      const ann = await world.user()
      const special = new Uint8Array([0, 0x5c, 0x27, 0xff, ...hash()])
      const near = special.slice()
      near[0] = 1
      await world.store.addToken(special, ann.id, inAnHour())
      expect(owner(await world.store.tokenOwner(special))).toEqual(ann)
      expect(await world.store.tokenOwner(near)).toBeNull()
      expect(await world.store.tokenOwner(special.slice(0, -1))).toBeNull()
    })

    test('returns how long a token is valid, and for a ticket its token', async () => {
      const ann = await world.user()
      const [short, long, ticket] = [await token(ann, 600_000), await token(ann), hash()]
      await world.store.addTicket(ticket, ann.id, long, 30_000)
      const results = [
        await world.store.tokenOwner(short),
        await world.other.tokenOwner(long),
        await world.store.redeemTicket(ticket),
      ]
      const lifetimes = [600_000, inAnHour(), inAnHour()]
      for (const [i, result] of results.entries()) {
        const spent = present(lifetimes[i]) - present(result).expiresInMs
        expect(spent).toBeGreaterThan(0)
        expect(spent).toBeLessThan(60_000)
      }
    })

    test('forgets a removed token, and says whether it existed', async () => {
      const ann = await world.user()
      const [first, second] = [hash(), hash()]
      for (const each of [first, second]) await world.store.addToken(each, ann.id, inAnHour())
      const removed = await Promise.all([world.store.removeToken(first), world.other.removeToken(first)])
      expect(removed.toSorted()).toEqual([false, true])
      expect(await world.store.tokenOwner(first)).toBeNull()
      expect(owner(await world.store.tokenOwner(second))).toEqual(ann)
    })

    test('does not know expired tokens', async () => {
      const ann = await world.user()
      const [living, expired] = [await token(ann), await token(ann, past())]
      const [late, orphan] = [hash(), hash()]
      await world.store.addTicket(late, ann.id, living, past())
      await world.store.addTicket(orphan, ann.id, expired, inAnHour())
      expect(await world.store.tokenOwner(expired)).toBeNull()
      expect(await world.store.redeemTicket(late)).toBeNull()
      expect(await world.store.redeemTicket(orphan)).toBeNull()
    })

    test('distinguishes tokens and tickets', async () => {
      const ann = await world.user()
      const parent = await token(ann)
      const ticket = hash()
      expect(await world.store.addTicket(ticket, ann.id, parent, inAnHour())).toBe(true)
      expect(await world.store.tokenOwner(ticket)).toBeNull()
      expect(await world.store.redeemTicket(parent)).toBeNull()
      expect(owner(await world.store.tokenOwner(parent))).toEqual(ann)
      expect(redeemed(await world.store.redeemTicket(ticket))).toEqual([ann, parent.toHex()])
    })

    test('removes tickets with their token, and adds none for a removed token', async () => {
      const [ann, bob] = await world.pair()
      const [hers, his] = [await token(ann), await token(bob)]
      const tickets = [hash(), hash(), hash(), hash()] as const
      for (const ticket of tickets.slice(0, 2)) await world.store.addTicket(ticket, ann.id, hers, inAnHour())
      await world.store.addTicket(tickets[2], bob.id, his, inAnHour())
      await world.other.removeToken(hers)
      for (const ticket of tickets.slice(0, 2)) expect(await world.store.redeemTicket(ticket)).toBeNull()
      expect(await world.store.addTicket(tickets[3], ann.id, hers, inAnHour())).toBe(false)
      expect(await world.store.redeemTicket(tickets[3])).toBeNull()
      expect(redeemed(await world.store.redeemTicket(tickets[2]))).toEqual([bob, his.toHex()])
    })

    test('accepts a ticket from one of many simultaneous callers, and never again', async () => {
      const ann = await world.user()
      const parent = await token(ann)
      for (let round = 0; round < 5; round++) {
        const ticket = hash()
        await world.store.addTicket(ticket, ann.id, parent, inAnHour())
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            (i % 2 === 0 ? world.store : world.other).redeemTicket(ticket),
          ),
        )
        const owners = results.filter((result) => result !== null)
        expect(owners).toHaveLength(1)
        expect(redeemed(owners[0])).toEqual([ann, parent.toHex()])
        expect(await world.store.redeemTicket(ticket)).toBeNull()
      }
      expect(owner(await world.store.tokenOwner(parent))).toEqual(ann)
    })

    async function token(owner: User, lifetimeMs = inAnHour()): Promise<Uint8Array> {
      const made = hash()
      await world.store.addToken(made, owner.id, lifetimeMs)
      return made
    }
  })
}

function hash(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

function owner(result: TokenOwner | null): User {
  return present(result).user
}

type Redeemed = Awaited<ReturnType<TokenRegister['redeemTicket']>>

/** The owner, and the parent in hex: its bytes may come as any kind of byte array. */
function redeemed(result: Redeemed | undefined): [User, string] {
  const { user, parent } = present(result)
  return [user, new Uint8Array(parent).toHex()]
}

/** Lifetimes in milliseconds. */
function past(): number {
  return -1000
}

function inAnHour(): number {
  return 3_600_000
}
