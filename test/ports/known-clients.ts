import { beforeAll, describe, expect, test } from 'bun:test'
import { type UserId, usernameKey } from '../../src/core/index.ts'
import { present } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import { type MakeStores, World } from './world.ts'

/** What `KnownClientRegister` promises. */
export function knownClientsContract(make: MakeStores): void {
  describe('known clients', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('are those that were added to the account, whichever node asks', async () => {
      const [ann, bob] = await accounts()
      const [one, two, three] = [hash(), hash(), hash()]
      await world.store.addKnownClients(ann.id, [one, two])
      expect(await known(ann.key, [three, two, one])).toEqual(hexes([one, two]))
      expect(await known(ann.key, [three])).toEqual([])
      expect(await known(bob.key, [one, two])).toEqual([])
      await world.other.addKnownClients(bob.id, [two])
      expect(await known(bob.key, [one, two])).toEqual(hexes([two]))
    })

    test('are none for an account that does not exist', async () => {
      for (const key of [world.name('nobody'), '', "' or true --"]) {
        expect(await known(key, [hash()])).toEqual([])
      }
    })

    test('are forgotten for one account at a time', async () => {
      const [ann, bob] = await accounts()
      const one = hash()
      for (const { id } of [ann, bob]) await world.store.addKnownClients(id, [one])
      await world.store.forgetKnownClients(ann.id)
      expect([await known(ann.key, [one]), await known(bob.key, [one])]).toEqual([[], hexes([one])])
    })

    test('are the latest twenty of an account', async () => {
      const [ann, bob] = await accounts()
      const all = Array.from({ length: 25 }, hash)
      await world.store.addKnownClients(bob.id, [present(all[0])])
      for (const each of all.slice(0, 20)) await addLater(ann.id, each)
      expect(await known(ann.key, all)).toEqual(hexes(all.slice(0, 20)))
      // Seen again, the first is one of the latest.
      await addLater(ann.id, present(all[0]))
      for (const each of all.slice(20)) await addLater(ann.id, each)
      expect(await known(ann.key, all)).toEqual(hexes([present(all[0]), ...all.slice(6)]))
      expect(await known(bob.key, all)).toEqual(hexes([present(all[0])]))
    })

    test('may be added simultaneously, by all nodes', async () => {
      const [ann] = await accounts()
      const all = Array.from({ length: 10 }, hash)
      await Promise.all(
        [...all, ...all.toReversed()].map((each, i) =>
          (i % 2 === 0 ? world.store : world.other).addKnownClients(ann.id, [each, ...all.slice(0, 2)]),
        ),
      )
      expect(await known(ann.key, all)).toEqual(hexes(all))
    })

    async function accounts() {
      const users = await world.users(2)
      const [ann, bob] = users.map(({ id, username }) => ({ id, key: present(usernameKey(username)) }))
      return [present(ann), present(bob)] as const
    }

    /** Adds a client in a later millisecond than all before it: the clock of the embedded database tells no less apart. */
    async function addLater(id: UserId, client: Uint8Array): Promise<void> {
      const before = Date.now()
      await until(() => Date.now() > before, 'the next millisecond')
      await world.store.addKnownClients(id, [client])
    }

    async function known(key: string, hashes: readonly Uint8Array[]): Promise<string[]> {
      return hexes(await world.other.knownClients(key, hashes))
    }
  })
}

function hash(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}

function hexes(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((each) => each.toHex()).sort()
}
