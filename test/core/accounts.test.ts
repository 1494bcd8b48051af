import { beforeEach, describe, expect, test } from 'bun:test'
import { AccountsRig } from './fakes/accounts-rig.ts'
import { id } from './fakes/values.ts'

const DAY = 86_400_000
let rig: AccountsRig

beforeEach(() => {
  rig = new AccountsRig()
})

describe('registering', () => {
  test('gives an account with a token, which is stored as a hash only', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough')
    expect(token).toMatch(/^[0-9a-f]{40}$/)
    expect(await rig.accounts.authenticate(token)).toEqual(user)
    expect(rig.users.all).toEqual([{ user, passwordHash: '<long enough>', kind: 'person' }])
    expect([...rig.tokens.all.keys()]).toEqual([rig.accounts.fingerprint(token)])
    expect(rig.accounts.fingerprint(token)).not.toContain(token)
  })

  test.each([
    ['ann', 'short'],
    ['ann', '😀😀😀😀'],
    ['ann', 'x'.repeat(257)],
    ['ann', 'long enough\0'],
    ['ann', 'long enough\ud800'],
    ['a b', 'long enough'],
    ['', 'long enough'],
  ])('refuses %j with %j', async (name, password) => {
    await expect(rig.accounts.register(name, password)).rejects.toMatchObject({ kind: 'invalid' })
    expect(rig.users.all).toEqual([])
  })

  test.each(['⑴', 'ﷺ', '½', 'ﷺ'.repeat(150)])('refuses %j, whose plain form is no username', async (name) => {
    await expect(rig.accounts.register(name, 'long enough')).rejects.toMatchObject({ field: 'username' })
    await expect(rig.accounts.registerWithoutPassword(name)).rejects.toMatchObject({ field: 'username' })
  })

  test('refuses a name that is taken, in any form of it', async () => {
    await rig.accounts.register('ﬁona', 'long enough')
    await expect(rig.accounts.register('FIONA', 'long enough')).rejects.toMatchObject({ kind: 'conflict' })
  })
})

describe('an account without a password', () => {
  test('is spoken for by its token, and is open', async () => {
    const { user, token } = await rig.accounts.registerWithoutPassword('bot')
    expect(await rig.accounts.authenticate(token)).toEqual(user)
    expect(await rig.accounts.openness(user.id)).toEqual({ user, open: true })
  })

  test('is reached by no password', async () => {
    await rig.accounts.registerWithoutPassword('bot')
    for (const password of ['', 'null', 'long enough']) {
      await expect(rig.accounts.login('bot', password, 'here')).rejects.toMatchObject({
        kind: 'unauthenticated',
      })
    }
  })

  test('is the only open kind', async () => {
    const person = await rig.accounts.register('ann', 'long enough')
    const guest = await rig.users.createUser('guest', null, 'guest')
    expect(await rig.accounts.openness(person.user.id)).toEqual({ user: person.user, open: false })
    for (const other of [guest.id, id(99)]) expect(await rig.accounts.openness(other)).toBeNull()
  })
})

describe('tokens', () => {
  test('last for the days that they are set to', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough')
    await rig.clock.advance(2 * DAY - 1)
    expect(await rig.accounts.authenticate(token)).not.toBeNull()
    await rig.clock.advance(1)
    expect(await rig.accounts.authenticate(token)).toBeNull()
  })

  test('end with logout, which is told to every node once', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough')
    const other = await rig.accounts.login('ann', 'long enough', 'here')
    await rig.accounts.logout(token)
    await rig.accounts.logout(token)
    expect(rig.signals).toEqual([
      { type: 'token_revoked', userId: user.id, hash: rig.accounts.fingerprint(token) },
    ])
    expect(await rig.accounts.authenticate(token)).toBeNull()
    expect(await rig.accounts.authenticate(other.token)).toEqual(user)
  })

  test.each(['', 'x', 'A'.repeat(40), 'g'.repeat(40), '0'.repeat(39), `${'0'.repeat(40)}\n`])(
    '%j is none',
    async (token) => {
      expect(await rig.accounts.authenticate(token)).toBeNull()
      expect(await rig.accounts.redeemTicket(token)).toBeNull()
    },
  )
})

describe('tickets', () => {
  test('open one door, once, and say which token they came from', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough')
    const { ticket, expiresInSeconds } = await rig.accounts.issueTicket(signedIn)
    expect(expiresInSeconds).toBe(30)
    const { user, token } = signedIn
    expect(await rig.accounts.redeemTicket(ticket)).toEqual({
      user,
      fingerprint: rig.accounts.fingerprint(token),
    })
    expect(await rig.accounts.redeemTicket(ticket)).toBeNull()
  })

  test('last for 30 seconds', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough')
    const first = await rig.accounts.issueTicket(signedIn)
    const second = await rig.accounts.issueTicket(signedIn)
    await rig.clock.advance(29_999)
    expect(await rig.accounts.redeemTicket(first.ticket)).not.toBeNull()
    await rig.clock.advance(1)
    expect(await rig.accounts.redeemTicket(second.ticket)).toBeNull()
  })

  test('end with their token, and none is given for one that has ended', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough')
    const { ticket } = await rig.accounts.issueTicket(signedIn)
    await rig.accounts.logout(signedIn.token)
    expect(await rig.accounts.redeemTicket(ticket)).toBeNull()
    await expect(rig.accounts.issueTicket(signedIn)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('are no tokens, and tokens are no tickets', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough')
    const { ticket } = await rig.accounts.issueTicket(signedIn)
    expect(await rig.accounts.authenticate(ticket)).toBeNull()
    expect(await rig.accounts.redeemTicket(signedIn.token)).toBeNull()
    expect(await rig.accounts.authenticate(signedIn.token)).toEqual(signedIn.user)
  })
})
