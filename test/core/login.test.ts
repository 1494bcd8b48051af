import { beforeEach, describe, expect, test } from 'bun:test'
import type { Source } from '../../src/core/index.ts'
import { AccountsRig, HERE, THERE } from './fakes/accounts-rig.ts'
import { id } from './fakes/values.ts'

let rig: AccountsRig

beforeEach(async () => {
  rig = new AccountsRig()
  await rig.accounts.register('Ann', 'long enough', THERE)
  await rig.accounts.registerWithoutPassword('bot', THERE)
  rig.limiter.taken.clear()
  rig.passwords.turns.length = 0
})

describe('signing in', () => {
  test.each(['Ann', 'ann', 'ANN', 'Ａｎｎ'])('as %j gives a new token each time', async (name) => {
    const first = await rig.accounts.login(name, 'long enough', HERE)
    const second = await rig.accounts.login(name, 'long enough', HERE)
    expect(first.user.username).toBe('Ann')
    expect(second.token).not.toBe(first.token)
    expect(await rig.accounts.authenticate(first.token)).toMatchObject({ user: first.user })
  })

  test('does the same work and gives the same response, whatever is wrong', async () => {
    const wrong = [
      ['Ann', 'wrong password'],
      ['nobody', 'long enough'],
      ['bot', 'long enough'],
      ['not a name', 'long enough'],
      ['Ann', 'x'.repeat(1000)],
      ['', ''],
      ['Ann\0', 'long enough\0'],
    ] as const
    const errors: unknown[] = []
    for (const [name, password] of wrong) {
      errors.push(await rig.accounts.login(name, password, HERE).catch((error: unknown) => error))
    }
    expect(errors[0]).toMatchObject({ kind: 'unauthenticated', retryable: false, field: null })
    expect(new Set(errors.map(String)).size).toBe(1)
    // One comparison each: with the account's hash where there is one, else with none, which takes as long.
    expect(rig.passwords.compared).toEqual(['<long enough>', null, null, null, null, null, null])
  })

  test.each(['x'.repeat(256), '😀'.repeat(256)])(
    'accepts the longest password that can be set',
    async (password) => {
      await rig.accounts.register('bob', password, THERE)
      expect((await rig.accounts.login('bob', password, HERE)).user.username).toBe('bob')
    },
  )
})

describe('wrong passwords', () => {
  test('count for the account, in any form of its name, and for the address', async () => {
    for (const name of ['Ann', 'ANN', 'ａｎｎ']) {
      await expect(rig.accounts.login(name, 'wrong', HERE)).rejects.toThrow('Unable to log in')
    }
    expect(rig.limiter.taken).toEqual(
      new Map([
        ['login_account ann', 3],
        ['login_address here', 3],
      ]),
    )
  })

  test('count for names that nobody has', async () => {
    await expect(rig.accounts.login('nobody', 'wrong', HERE)).rejects.toThrow('Unable to log in')
    expect(rig.limiter.taken.get('login_account nobody')).toBe(1)
  })

  test('do not include correct ones', async () => {
    await rig.accounts.login('Ann', 'long enough', HERE)
    expect(rig.limiter.taken).toEqual(new Map())
  })

  test('do not include those that could not be checked', async () => {
    rig.passwords.overloaded = true
    await expect(rig.accounts.login('Ann', 'long enough', HERE)).rejects.toMatchObject({
      kind: 'overloaded',
    })
    expect(rig.limiter.taken).toEqual(new Map())
  })

  test.each(['login_account ann', 'login_address here'])(
    'are refused when %s has no guesses left',
    async (spent) => {
      rig.limiter.spent.add(spent)
      await expect(rig.accounts.login('Ann', 'long enough', HERE)).rejects.toMatchObject({
        kind: 'rate_limited',
        retryAfterMs: 1234,
      })
      expect(rig.passwords.compared).toEqual([])
    },
  )

  test('from an address without guesses left do not count for the account', async () => {
    rig.limiter.spent.add('login_address here')
    await expect(rig.accounts.login('Ann', 'wrong', HERE)).rejects.toMatchObject({ kind: 'rate_limited' })
    expect(rig.limiter.taken).toEqual(new Map())
  })
})

describe('a client from which the account was signed in to', () => {
  const guess = (source: Source) => rig.accounts.login('ann', 'wrong', source)
  const DEVICE = { ...HERE, device: 'd'.repeat(40) }

  beforeEach(async () => {
    // What anybody guesses from elsewhere is refused by now.
    for (const scope of ['login_account ann', 'login_address here', 'login_address there']) {
      rig.limiter.spent.add(scope)
    }
  })

  test('is accepted, whether known by the address of registration or sign-in, or by its browser', async () => {
    expect((await rig.accounts.login('ann', 'long enough', THERE)).user.username).toBe('Ann')
    await expect(rig.accounts.login('ann', 'long enough', HERE)).rejects.toMatchObject({
      kind: 'rate_limited',
    })
    const device = (await rig.accounts.login('ann', 'long enough', THERE, true)).newDevice
    expect((await rig.accounts.login('ann', 'long enough', { ...HERE, device })).user.username).toBe('Ann')
    // Now the account was signed in to from here as well.
    expect((await rig.accounts.login('ANN', 'long enough', HERE)).user.username).toBe('Ann')
  })

  test('is counted separately, by browser and by address', async () => {
    const device = (await rig.accounts.login('ann', 'long enough', THERE, true)).newDevice
    await expect(guess(THERE)).rejects.toMatchObject({ kind: 'unauthenticated' })
    await expect(guess({ ...THERE, device })).rejects.toMatchObject({ kind: 'unauthenticated' })
    const keys = [...rig.limiter.taken.keys()]
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(key).toMatch(/^login_known [0-9a-f]{64}$/)
    rig.limiter.spent.add(keys[0] ?? '')
    await expect(rig.accounts.login('ann', 'long enough', THERE)).rejects.toMatchObject({
      kind: 'rate_limited',
    })
    expect((await rig.accounts.login('ann', 'long enough', { ...THERE, device })).user.username).toBe('Ann')
  })

  test('is unknown to every other account', async () => {
    await rig.accounts.register('bob', 'long enough', { ...HERE, address: 'elsewhere' })
    rig.limiter.spent.add('login_account bob')
    const device = (await rig.accounts.login('ann', 'long enough', THERE, true)).newDevice
    for (const source of [THERE, { ...HERE, device }]) {
      await expect(rig.accounts.login('bob', 'long enough', source)).rejects.toMatchObject({
        kind: 'rate_limited',
      })
    }
  })

  test('does not become known by a wrong password, or by a made-up secret', async () => {
    rig.limiter.spent.clear()
    await expect(guess(DEVICE)).rejects.toMatchObject({ kind: 'unauthenticated' })
    await rig.accounts.login('ann', 'long enough', DEVICE)
    rig.limiter.spent.add('login_account ann')
    await expect(
      rig.accounts.login('ann', 'long enough', { ...DEVICE, address: 'far' }),
    ).rejects.toMatchObject({
      kind: 'rate_limited',
    })
  })

  test('gets a secret once: a known browser keeps its secret', async () => {
    const { newDevice } = await rig.accounts.login('ann', 'long enough', THERE, true)
    expect(newDevice).toMatch(/^[0-9a-f]{40}$/)
    const again = await rig.accounts.login('ann', 'long enough', { ...THERE, device: newDevice }, true)
    expect(again.newDevice).toBeNull()
    expect((await rig.accounts.login('ann', 'long enough', THERE)).newDevice).toBeNull()
  })

  test('is not recognised for a page of another site, whose guesses count as a stranger’s', async () => {
    await expect(rig.accounts.login('ann', 'long enough', { ...THERE, foreign: true })).rejects.toMatchObject(
      {
        kind: 'rate_limited',
      },
    )
    rig.limiter.spent.clear()
    await rig.accounts.login('ann', 'long enough', { ...HERE, foreign: true })
    await expect(guess({ ...THERE, foreign: true })).rejects.toMatchObject({ kind: 'unauthenticated' })
    expect([...rig.limiter.taken.keys()]).toEqual(['login_address there', 'login_account ann'])
    rig.limiter.spent.add('login_account ann')
    await expect(rig.accounts.login('ann', 'long enough', HERE)).rejects.toMatchObject({
      kind: 'rate_limited',
    })
  })

  test('has its password checked before those of strangers', async () => {
    await rig.accounts.login('ann', 'long enough', THERE)
    rig.limiter.spent.clear()
    await expect(guess(HERE)).rejects.toMatchObject({ kind: 'unauthenticated' })
    expect(rig.passwords.turns).toEqual([
      { kind: 'known', source: 'there' },
      { kind: 'sign_in', source: 'here' },
    ])
  })

  test('is stored as a hash that reveals nothing without the name of the account', async () => {
    const device = (await rig.accounts.login('ann', 'long enough', THERE, true)).newDevice ?? ''
    const kept = [...(rig.knownClients.all.get(rig.users.all[0]?.user.id ?? id(0)) ?? [])]
    expect(kept).toHaveLength(2)
    const plain = ['there', device].map((text) => new Bun.CryptoHasher('sha256').update(text).digest('hex'))
    for (const hash of kept) expect(plain).not.toContain(hash)
  })
})
