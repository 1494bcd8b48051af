import { beforeEach, describe, expect, test } from 'bun:test'
import { AccountsRig, HERE, THERE } from './fakes/accounts-rig.ts'

let rig: AccountsRig

beforeEach(() => {
  rig = new AccountsRig()
})

describe('registrations', () => {
  test('count by address, with or without a password', async () => {
    await rig.accounts.register('ann', 'long enough', HERE)
    await rig.accounts.registerWithoutPassword('bot', HERE)
    await rig.accounts.register('bob', 'long enough', THERE)
    expect(rig.limiter.taken).toEqual(
      new Map([
        ['register_address here', 2],
        ['register_address there', 1],
      ]),
    )
  })

  test('are refused, before any work, from an address past its limit', async () => {
    rig.limiter.spent.add('register_address here')
    const refused = { kind: 'rate_limited', retryAfterMs: 1234 }
    await expect(rig.accounts.register('ann', 'long enough', HERE)).rejects.toMatchObject(refused)
    await expect(rig.accounts.registerWithoutPassword('bot', HERE)).rejects.toMatchObject(refused)
    expect([rig.passwords.turns, rig.users.all]).toEqual([[], []])
    expect((await rig.accounts.register('ann', 'long enough', THERE)).user.username).toBe('ann')
  })

  test('with a taken name count, those with an invalid name do not', async () => {
    await rig.accounts.register('ann', 'long enough', HERE)
    await expect(rig.accounts.register('ann', 'long enough', HERE)).rejects.toMatchObject({
      kind: 'conflict',
    })
    await expect(rig.accounts.register('a b', 'long enough', HERE)).rejects.toMatchObject({ kind: 'invalid' })
    await expect(rig.accounts.register('bob', 'short', HERE)).rejects.toMatchObject({ kind: 'invalid' })
    rig.passwords.overloaded = true
    await expect(rig.accounts.register('bob', 'long enough', HERE)).rejects.toMatchObject({
      kind: 'overloaded',
    })
    expect(rig.limiter.taken).toEqual(new Map([['register_address here', 2]]))
  })

  test('have their passwords hashed after those of sign-ins', async () => {
    await rig.accounts.register('ann', 'long enough', HERE)
    expect(rig.passwords.turns).toEqual([{ kind: 'registration', source: 'here' }])
  })

  test('are all refused when registration is closed, and existing accounts can sign in', async () => {
    await rig.accounts.register('ann', 'long enough', HERE)
    const closed = rig.again({ registration: 'closed' })
    const refused = { kind: 'forbidden', message: 'Registration is closed' }
    await expect(closed.register('bob', 'long enough', HERE)).rejects.toMatchObject(refused)
    await expect(closed.register('ann', 'x', HERE)).rejects.toMatchObject(refused)
    await expect(closed.registerWithoutPassword('bot', HERE)).rejects.toMatchObject(refused)
    expect((await closed.login('ann', 'long enough', HERE)).user.username).toBe('ann')
  })
})
