import { beforeEach, describe, expect, test } from 'bun:test'
import type { SignedIn } from '../../src/core/index.ts'
import { AccountsRig, HERE, THERE } from './fakes/accounts-rig.ts'
import { id, profile } from './fakes/values.ts'

let rig: AccountsRig
let ann: SignedIn

beforeEach(async () => {
  rig = new AccountsRig()
  ann = await rig.accounts.register('Ann', 'old password', THERE)
  rig.limiter.taken.clear()
})

describe('a profile', () => {
  test('changes the given fields, and keeps the others', async () => {
    const { id: user } = ann.user
    expect(await rig.accounts.updateProfile(user, { firstName: 'Ann' })).toEqual(
      profile({ ...ann.user, firstName: 'Ann' }),
    )
    const both = profile({ ...ann.user, firstName: 'Ann', lastName: 'Lee' })
    expect(await rig.accounts.updateProfile(user, { lastName: 'Lee' })).toEqual(both)
    expect(await rig.accounts.updateProfile(user, {})).toEqual(both)
    expect(await rig.accounts.updateProfile(user, { firstName: '', lastName: '' })).toEqual(profile(ann.user))
  })

  test.each(['x'.repeat(150), '😀'.repeat(150), '', '👩‍👩‍👧 می\u200cخواهم'])('accepts %j', async (name) => {
    expect(await rig.accounts.updateProfile(ann.user.id, { firstName: name, lastName: name })).toMatchObject({
      firstName: name,
      lastName: name,
    })
  })

  test.each(['x'.repeat(151), '😀'.repeat(151), 'a\0b', 'a\ud800', 'a\u202eb', '\u3164', 'a\u200db', 'a\nb'])(
    'refuses %j',
    async (name) => {
      for (const [wanted, field] of [
        [{ firstName: name }, 'first_name'],
        [{ firstName: 'fine', lastName: name }, 'last_name'],
      ] as const) {
        await expect(rig.accounts.updateProfile(ann.user.id, wanted)).rejects.toMatchObject({
          kind: 'invalid',
          field,
        })
      }
      expect(rig.users.all.map(({ user }) => user)).toEqual([ann.user])
    },
  )

  test('belongs to an existing user', async () => {
    await expect(rig.accounts.updateProfile(id(99), {})).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('changing the password', () => {
  const change = (current: string, next: string, keep: string | null = null) =>
    rig.accounts.changePassword(ann.user, current, next, keep, HERE)

  test('needs the old one, and leaves only the new one valid', async () => {
    await change('old password', 'new password')
    await expect(rig.accounts.login('ann', 'old password', HERE)).rejects.toMatchObject({
      kind: 'unauthenticated',
    })
    expect((await rig.accounts.login('ann', 'new password', HERE)).user).toEqual(ann.user)
  })

  test("revokes the user's tokens except one, and notifies every node", async () => {
    const bob = await rig.accounts.register('bob', 'long enough', THERE)
    const second = await rig.accounts.login('ann', 'old password', HERE)
    const third = await rig.accounts.login('ann', 'old password', HERE)
    await change('old password', 'new password', rig.accounts.fingerprint(second.token))
    expect(rig.signals).toEqual(
      [ann, third].map(({ token }) => ({
        type: 'token_revoked',
        userId: ann.user.id,
        hash: rig.accounts.fingerprint(token),
      })),
    )
    for (const kept of [second, bob]) expect(await rig.accounts.authenticate(kept.token)).not.toBeNull()
    for (const gone of [ann, third]) expect(await rig.accounts.authenticate(gone.token)).toBeNull()
    await change('new password', 'newer password')
    expect(await rig.accounts.authenticate(second.token)).toBeNull()
  })

  test.each(['wrong', '', 'old password ', 'x'.repeat(257)])(
    'refuses %j as the old one, and counts it as a wrong guess',
    async (current) => {
      await expect(change(current, 'new password', ann.token)).rejects.toMatchObject({
        kind: 'forbidden',
        field: 'current_password',
      })
      // By itself, however many others guess at signing in.
      expect(rig.limiter.taken).toEqual(new Map([[`password_change ${ann.user.id}`, 1]]))
      expect(rig.users.all).toEqual([{ user: ann.user, passwordHash: '<old password>', kind: 'person' }])
      expect(rig.signals).toEqual([])
    },
  )

  test('does not count a correct guess, or one that could not be checked', async () => {
    await change('old password', 'new password')
    rig.passwords.overloaded = true
    await expect(change('new password', 'newer password')).rejects.toMatchObject({ kind: 'overloaded' })
    expect(rig.limiter.taken).toEqual(new Map())
  })

  test('is refused when the user has no guesses left', async () => {
    rig.limiter.spent.add(`password_change ${ann.user.id}`)
    await expect(change('old password', 'new password')).rejects.toMatchObject({ kind: 'rate_limited' })
    expect(rig.passwords.compared).toEqual([])
  })

  test('is not refused when others have used up all guesses at sign-in', async () => {
    for (const spent of ['login_account ann', 'login_address here']) rig.limiter.spent.add(spent)
    await change('old password', 'new password')
    expect(rig.passwords.turns.slice(-2)).toEqual([
      { kind: 'known', source: 'here' },
      { kind: 'known', source: 'here' },
    ])
  })

  test('makes the account forget every known client except the one that changed it', async () => {
    await rig.accounts.login('ann', 'old password', HERE)
    await change('old password', 'new password')
    rig.limiter.spent.add('login_account ann')
    await expect(rig.accounts.login('ann', 'new password', THERE)).rejects.toMatchObject({
      kind: 'rate_limited',
    })
    expect((await rig.accounts.login('ann', 'new password', HERE)).user).toEqual(ann.user)
  })

  test.each(['short', 'x'.repeat(257), 'new password\0'])(
    'refuses %j as the new one, before anything else',
    async (next) => {
      await expect(change('wrong', next)).rejects.toMatchObject({ kind: 'invalid', field: 'new_password' })
      expect(rig.limiter.taken).toEqual(new Map())
    },
  )

  test('does not give a password to an account without one', async () => {
    const bot = await rig.accounts.registerWithoutPassword('bot', THERE)
    const fingerprint = rig.accounts.fingerprint(bot.token)
    for (const current of ['', 'null', 'long enough']) {
      await expect(
        rig.accounts.changePassword(bot.user, current, 'new password', fingerprint, HERE),
      ).rejects.toMatchObject({ kind: 'forbidden', field: null })
    }
    expect(await rig.users.credentials('bot')).toMatchObject({ passwordHash: null })
    expect(rig.passwords.compared).toEqual([])
  })

  test('invalidates a concurrent sign-in with the old one', async () => {
    rig.tokens.adding = async () => {
      rig.tokens.adding = () => undefined
      await change('old password', 'new password')
    }
    await expect(rig.accounts.login('ann', 'old password', HERE)).rejects.toMatchObject({
      kind: 'unauthenticated',
    })
    expect(rig.tokens.all.size).toBe(0)
  })
})
