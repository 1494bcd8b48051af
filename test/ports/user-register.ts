import { beforeAll, describe, expect, test } from 'bun:test'
import type { Profile } from '../../src/core/index.ts'
import { id, present, profile } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `UserRegister` promises. */
export function userRegisterContract(make: MakeStores): void {
  describe('a user register', () => {
    let world: World
    /** Nobody else's name begins like this. */
    let stem: string
    beforeAll(async () => {
      world = new World(await make())
      stem = world.name('x').replaceAll('-', '')
    })

    test('stores a user unchanged', async () => {
      const name = world.name('Ünï.cöde')
      const user = await world.store.createUser(name, '$argon2id$hash', 'person')
      expect(user).toEqual({
        id: user.id,
        username: name,
        firstName: '',
        lastName: '',
        createdAt: user.createdAt,
        lastSeen: null,
      })
      expect(Math.abs(user.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
      const kept = { user, passwordHash: '$argon2id$hash', kind: 'person' } as const
      expect(await world.store.credentials(name)).toEqual(kept)
      expect(await world.store.user(user.id)).toEqual(kept)
    })

    test.each(['person', 'open', 'guest'] as const)('keeps the kind of an account: %s', async (kind) => {
      const user = await world.store.createUser(world.name('user'), null, kind)
      expect(await world.store.user(user.id)).toEqual({ user, passwordHash: null, kind })
    })

    test('finds nobody by an unknown name or id', async () => {
      for (const name of [world.name('nobody'), '', '%', "' or true --"]) {
        expect(await world.store.credentials(name)).toBeNull()
      }
      expect(await world.store.user(id(Number.MAX_SAFE_INTEGER))).toBeNull()
    })

    test('treats a name as the same in any case and any compatibility form', async () => {
      const name = world.name('ﬁre-ΣΟΦΌΣ')
      const user = await world.store.createUser(name, null, 'person')
      for (const form of [
        name.toLowerCase(),
        name.toUpperCase(),
        name.normalize('NFKC'),
        name.replace('re', 'ｒｅ'),
      ]) {
        expect((await world.store.credentials(form))?.user).toEqual(user)
        await expect(world.store.createUser(form, null, 'person')).rejects.toMatchObject({ kind: 'conflict' })
      }
    })

    test('refuses a name that looks like another, unless both are ASCII', async () => {
      const stem = world.name('')
      const look = (name: string) => world.store.createUser(`${name}${stem}`, null, 'person')
      await look('paypal')
      for (const name of ['раураl', 'рaypal', 'pay\u034fpal']) {
        await expect(look(name)).rejects.toMatchObject({ kind: 'conflict', field: 'username' })
      }
      await look('paypa1')
      await look('ѕсоре')
      await expect(look('scope')).rejects.toMatchObject({ kind: 'conflict' })
      expect(await world.store.credentials(`раураl${stem}`)).toBeNull()
      const forms = ['апе', 'ane', 'аnе', 'anе']
      const wanted = Array.from({ length: 12 }, (_, i) => look(forms[i % forms.length] ?? ''))
      const made = (await Promise.allSettled(wanted)).filter(({ status }) => status === 'fulfilled')
      expect(made).toHaveLength(2)
    })

    test('gives a name to one of many simultaneous callers', async () => {
      const name = world.name('wanted')
      const made = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? world.store : world.other).createUser(
            i % 3 === 0 ? name : name.toUpperCase(),
            null,
            'person',
          ),
        ),
      )
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of made) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ kind: 'conflict' })
      }
    })

    test('finds the existing ids, each once', async () => {
      const users = await world.users(3)
      const ids = users.map((user) => user.id)
      const found = await world.store.usersById([...ids.toReversed(), ...ids, id(Number.MAX_SAFE_INTEGER)])
      expect(found.toSorted((a, b) => a.id - b.id)).toEqual(users.toSorted((a, b) => a.id - b.id))
      expect(await world.store.usersById([])).toEqual([])
    })

    test('lists users by id, in pages, and no guests', async () => {
      const start = (await world.user()).id
      const made: Profile[] = []
      for (const kind of ['person', 'guest', 'open', 'person', 'guest', 'person'] as const) {
        const user = await world.store.createUser(world.name('listed'), null, kind)
        if (kind !== 'guest') made.push(profile(user))
      }
      expect(await world.store.users({ after: start, limit: 100 }, '')).toEqual(made)
      expect(await world.store.users({ after: start, limit: 2 }, '')).toEqual(made.slice(0, 2))
      const second = present(made[1])
      expect(await world.store.users({ after: second.id, limit: 2 }, '')).toEqual(made.slice(2))
      expect(await world.store.users({ after: Number.MAX_SAFE_INTEGER, limit: 2 }, '')).toEqual([])
    })

    test('finds users by the beginning of their name, in any case', async () => {
      const anna = profile(await world.store.createUser(`${stem}Anna`, null, 'person'))
      const anne = profile(await world.store.createUser(`${stem}ANNE`, null, 'person'))
      await world.store.createUser(`an${stem}`, null, 'person')
      await world.store.createUser(`${stem}annguest`, null, 'guest')
      const search = (words: string) => world.store.users({ after: 0, limit: 10 }, words)
      expect(await search(`${stem}ann`)).toEqual([anna, anne])
      expect(await search(`${stem.toUpperCase()}aNNa`)).toEqual([anna])
      expect(await search(`${stem}annas`)).toEqual([])
      expect(await world.store.users({ after: anna.id, limit: 10 }, `${stem}ann`)).toEqual([anne])
      expect(await world.store.users({ after: 0, limit: 1 }, `${stem}ann`)).toEqual([anna])
    })

    test('takes the search text literally, whatever it means in a query', async () => {
      const names = ['a_b', 'axb', 'a%b', 'a\\b', 'a\\_b', "a'b", 'a.b', 'a*b'].map(
        (name) => `${stem}${name}`,
      )
      for (const name of names) await world.store.createUser(name, null, 'person')
      for (const name of names) {
        const found = await world.store.users({ after: 0, limit: 10 }, name)
        expect(found.map(({ username }) => username)).toEqual([name])
      }
      for (const words of [
        '%',
        '_',
        '\\',
        `${stem}a\\`.slice(0, -1).concat('__'),
        `${stem}%b`,
        "' or true --",
      ]) {
        expect(await world.store.users({ after: 0, limit: 10 }, words)).toEqual([])
      }
    })
  })
}
