import { beforeAll, describe, expect, test } from 'bun:test'
import type { RoomKind, User } from '../../../src/core/index.ts'
import { present } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister` promises of rooms' names. */
export function roomNameContract(make: MakeStores): void {
  describe('names of rooms', () => {
    let world: World
    let ann: User
    let bob: User
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
    })

    const taken = { kind: 'conflict', field: 'name' } as const
    const create = async (
      name: string,
      kind: Exclude<RoomKind, 'direct'>,
      creator: User | null,
      invited: readonly User[] = [],
      store = world.store,
    ) => {
      const plain = { description: '', avatar: '', invited: invited.map(({ id }) => id) }
      return (await store.createRoom({ name, kind, creator, ...plain })).room
    }
    const meant = async (name: string, user: User | null) =>
      (await world.store.accessFacts({ name }, user?.id ?? null))?.room.id

    test.each([
      ['café', 'CAFÉ'],
      ['lobby', 'Lobby '],
      ['straße', 'STRASSE'],
      ['x y', 'x\u00a0\u00a0Y'],
    ])('of public rooms are unique folded: %j, %j', async (one, other) => {
      const stem = world.name('of')
      const room = await create(`${one} ${stem}`, 'public', ann)
      expect(await meant(`${other.trim()} ${stem}`, null)).toBe(room.id)
      for (const creator of [ann, bob, null]) {
        for (const kind of ['public', 'private', 'game'] as const) {
          if (creator === null && kind !== 'public') continue
          await expect(create(`${other.trim()} ${stem}`, kind, creator)).rejects.toMatchObject(taken)
        }
      }
    })

    test('that look like a public one are taken, unless both are ASCII', async () => {
      const stem = world.name('look')
      await create(`lobby ${stem}`, 'public', ann)
      await expect(create(`lоbby ${stem}`, 'public', bob)).rejects.toMatchObject(taken)
      await expect(create(`lоbby ${stem}`, 'private', bob)).rejects.toMatchObject(taken)
      await create(`1obby ${stem}`, 'public', bob)
      expect(await meant(`lоbby ${stem}`, bob)).toBeUndefined()
    })

    test.each(['private', 'game'] as const)(
      'of %s rooms are taken only for those who may see them',
      async (kind) => {
        const [stranger, guest] = await world.pair()
        const name = world.name('Hidden')
        const hidden = await create(name, kind, ann, [guest])
        await world.join(hidden, bob)
        for (const knows of [ann, bob, guest]) {
          expect(await meant(name.toLowerCase(), knows)).toBe(hidden.id)
          for (const each of ['private', 'public'] as const) {
            await expect(create(name.toUpperCase(), each, knows)).rejects.toMatchObject(taken)
          }
        }
        const own = await create(name, kind, stranger)
        expect(await meant(name, stranger)).toBe(own.id)
        expect(await meant(name, ann)).toBe(hidden.id)
        const open = await create(name, 'public', null)
        expect(await meant(name, null)).toBe(open.id)
        expect([await meant(name, ann), await meant(name, bob)]).toEqual([hidden.id, hidden.id])
        expect(await meant(name, await world.user())).toBe(open.id)
        // It was there first.
        expect(await meant(name, guest)).toBe(hidden.id)
      },
    )

    test('that only hidden rooms have mean one of those to an outsider, who is nothing to it', async () => {
      const name = world.name('hidden')
      const rooms = [await create(name, 'private', ann), await create(name, 'private', bob)]
      const found = present(await world.store.accessFacts({ name }, (await world.user()).id))
      expect(found).toMatchObject({ role: null, invited: false })
      expect(rooms.map(({ id }) => id)).toContain(found.room.id)
    })

    test('that very many hidden rooms have are found by those who are in one', async () => {
      const name = world.name('many')
      const creators = await world.users(60)
      const rooms = await Promise.all(creators.map((creator) => create(name, 'private', creator)))
      await world.store.invite(
        await world.accessFacts(present(rooms[59]), present(creators[59])),
        present(creators[59]),
        [ann],
      )
      for (const at of [0, 30, 55, 59])
        expect(await meant(name, present(creators[at]))).toBe(present(rooms[at]).id)
      expect(await meant(name, ann)).toBe(present(rooms[59]).id)
      await expect(create(name, 'private', present(creators[59]))).rejects.toMatchObject(taken)
      expect(await world.store.accessFacts({ name }, bob.id)).toMatchObject({ role: null, invited: false })
    })

    test('go to one of many who want them at once, also if they only look alike', async () => {
      for (const kind of ['public', 'private'] as const) {
        const stem = world.name('race')
        const forms = kind === 'public' ? ['Lobby', 'lobby', 'lоbby', 'LOBBY'] : ['Lobby', 'lobby']
        const wanted = Array.from({ length: 16 }, (_, i) =>
          create(
            `${forms[i % forms.length]} ${stem}`,
            kind,
            ann,
            [],
            i % 3 === 0 ? world.store : world.other,
          ),
        )
        const outcomes = await Promise.allSettled(wanted)
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      }
    })
  })
}
