import { beforeEach, describe, expect, test } from 'bun:test'
import { AccountsRig } from './fakes/accounts-rig.ts'

let rig: AccountsRig

beforeEach(async () => {
  rig = new AccountsRig()
  await rig.accounts.register('Ann', 'long enough')
  await rig.accounts.registerWithoutPassword('bot')
})

describe('login', () => {
  test.each(['Ann', 'ann', 'ANN', 'Ａｎｎ'])('as %j gives a new token each time', async (name) => {
    const first = await rig.accounts.login(name, 'long enough', 'here')
    const second = await rig.accounts.login(name, 'long enough', 'here')
    expect(first.user.username).toBe('Ann')
    expect(second.token).not.toBe(first.token)
    expect(await rig.accounts.authenticate(first.token)).toMatchObject({ user: first.user })
  })

  test('does the same work and answers the same, whatever is wrong', async () => {
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
      errors.push(await rig.accounts.login(name, password, 'here').catch((error: unknown) => error))
    }
    expect(errors[0]).toMatchObject({ kind: 'unauthenticated', retryable: false, field: null })
    expect(new Set(errors.map(String)).size).toBe(1)
    // One comparison each: with the account's hash where there is one, else with none, which takes as long.
    expect(rig.passwords.compared).toEqual(['<long enough>', null, null, null, null, null, null])
  })

  test.each(['x'.repeat(256), '😀'.repeat(256)])(
    'takes the longest password that may be set',
    async (password) => {
      await rig.accounts.register('bob', password)
      expect((await rig.accounts.login('bob', password, 'here')).user.username).toBe('bob')
    },
  )
})

describe('guesses', () => {
  test('count for the account, in any form of its name, and for the address', async () => {
    for (const name of ['Ann', 'ANN', 'ａｎｎ']) {
      await expect(rig.accounts.login(name, 'wrong', 'here')).rejects.toThrow('Unable to log in')
    }
    expect(rig.limiter.taken).toEqual(
      new Map([
        ['login_account ann', 3],
        ['login_address here', 3],
      ]),
    )
  })

  test('count for names that nobody has', async () => {
    await expect(rig.accounts.login('nobody', 'wrong', 'here')).rejects.toThrow('Unable to log in')
    expect(rig.limiter.taken.get('login_account nobody')).toBe(1)
  })

  test('that are right do not count', async () => {
    await rig.accounts.login('Ann', 'long enough', 'here')
    expect(rig.limiter.taken).toEqual(new Map())
  })

  test('that could not be judged do not count', async () => {
    rig.passwords.overloaded = true
    await expect(rig.accounts.login('Ann', 'long enough', 'here')).rejects.toMatchObject({
      kind: 'overloaded',
    })
    expect(rig.limiter.taken).toEqual(new Map())
  })

  test.each(['login_account ann', 'login_address here'])(
    'are refused where %s has none left',
    async (spent) => {
      rig.limiter.spent.add(spent)
      await expect(rig.accounts.login('Ann', 'long enough', 'here')).rejects.toMatchObject({
        kind: 'rate_limited',
        retryAfterMs: 1234,
      })
      expect(rig.passwords.compared).toEqual([])
    },
  )

  test('from an address that has none left take nothing from the account', async () => {
    rig.limiter.spent.add('login_address here')
    await expect(rig.accounts.login('Ann', 'wrong', 'here')).rejects.toMatchObject({ kind: 'rate_limited' })
    expect(rig.limiter.taken).toEqual(new Map())
  })
})
