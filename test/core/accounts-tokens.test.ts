import { beforeEach, describe, expect, test } from 'bun:test'
import type { SignedIn } from '../../src/core/index.ts'
import { AccountsRig, HERE, THERE } from './fakes/accounts-rig.ts'

const DAY = 86_400_000
let rig: AccountsRig

beforeEach(() => {
  rig = new AccountsRig()
})

describe('tokens', () => {
  test('last for the configured days', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    await rig.clock.advance(2 * DAY - 1)
    expect(await rig.accounts.authenticate(token)).toMatchObject({ expiresInMs: 1 })
    await rig.clock.advance(1)
    expect(await rig.accounts.authenticate(token)).toBeNull()
  })

  test('end with a logout, of which every node is notified once', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const other = await rig.accounts.login('ann', 'long enough', HERE)
    await rig.accounts.logout(token)
    await rig.accounts.logout(token)
    expect(rig.signals).toEqual([
      { type: 'token_revoked', userId: user.id, hash: rig.accounts.fingerprint(token) },
    ])
    expect(await rig.accounts.authenticate(token)).toBeNull()
    expect(await rig.accounts.authenticate(other.token)).toMatchObject({ user })
  })

  test.each(['', 'x', 'A'.repeat(40), 'g'.repeat(40), '0'.repeat(39), `${'0'.repeat(40)}\n`])(
    '%j is not a token',
    async (token) => {
      expect(await rig.accounts.authenticate(token)).toBeNull()
      expect(await rig.accounts.redeemTicket(token)).toBeNull()
    },
  )
})

describe("a user's tokens", () => {
  test('are listed by their fingerprints, with their times', async () => {
    const first = await rig.accounts.register('ann', 'long enough', THERE)
    await ticketFor(first)
    await rig.accounts.register('bob', 'long enough', THERE)
    await rig.clock.advance(1000)
    const second = await rig.accounts.issueToken(first.user)
    expect(second.user).toEqual(first.user)
    const now = rig.clock.now()
    expect(await rig.accounts.tokens(first.user.id)).toEqual([
      {
        id: rig.accounts.fingerprint(first.token),
        createdAt: new Date(now - 1000),
        expiresAt: new Date(now - 1000 + 2 * DAY),
      },
      {
        id: rig.accounts.fingerprint(second.token),
        createdAt: new Date(now),
        expiresAt: new Date(now + 2 * DAY),
      },
    ])
  })

  test('are revoked one by one, and every node is notified once', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const other = await rig.accounts.issueToken(user)
    const id = rig.accounts.fingerprint(token)
    expect(await rig.accounts.revokeToken(user.id, id)).toBe(true)
    expect(await rig.accounts.revokeToken(user.id, id)).toBe(false)
    expect(rig.signals).toEqual([{ type: 'token_revoked', userId: user.id, hash: id }])
    expect(await rig.accounts.authenticate(token)).toBeNull()
    expect(await rig.accounts.authenticate(other.token)).not.toBeNull()
  })

  test('cannot be revoked by others, and nothing else is', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const bob = await rig.accounts.register('bob', 'long enough', THERE)
    const fingerprint = rig.accounts.fingerprint(token)
    expect(await rig.accounts.revokeToken(bob.user.id, fingerprint)).toBe(false)
    for (const id of ['', 'x', token, fingerprint.toUpperCase(), `${fingerprint}00`, fingerprint.slice(2)]) {
      expect(await rig.accounts.revokeToken(user.id, id)).toBe(false)
    }
    expect(await rig.accounts.authenticate(token)).not.toBeNull()
    expect(rig.signals).toEqual([])
  })

  test('are revoked except one', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const bob = await rig.accounts.register('bob', 'long enough', THERE)
    const others = [await rig.accounts.issueToken(user), await rig.accounts.issueToken(user)]
    expect(await rig.accounts.revokeOtherTokens(user.id, rig.accounts.fingerprint(token))).toBe(2)
    expect(await rig.accounts.revokeOtherTokens(user.id, rig.accounts.fingerprint(token))).toBe(0)
    expect(rig.signals).toEqual(
      others.map((other) => ({
        type: 'token_revoked',
        userId: user.id,
        hash: rig.accounts.fingerprint(other.token),
      })),
    )
    for (const other of others) expect(await rig.accounts.authenticate(other.token)).toBeNull()
    for (const kept of [token, bob.token]) expect(await rig.accounts.authenticate(kept)).not.toBeNull()
    expect(await rig.accounts.revokeOtherTokens(user.id, null)).toBe(1)
    expect(await rig.accounts.authenticate(token)).toBeNull()
  })
})

describe('tickets', () => {
  test('are accepted once, and identify their token', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const { ticket, expiresInSeconds } = await ticketFor(signedIn)
    expect(expiresInSeconds).toBe(30)
    const { user, token, expiresInMs } = signedIn
    await rig.clock.advance(1000)
    expect(await rig.accounts.redeemTicket(ticket)).toEqual({
      user,
      fingerprint: rig.accounts.fingerprint(token),
      expiresInMs: expiresInMs - 1000,
    })
    expect(await rig.accounts.redeemTicket(ticket)).toBeNull()
  })

  test('last for 30 seconds', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const first = await ticketFor(signedIn)
    const second = await ticketFor(signedIn)
    await rig.clock.advance(29_999)
    expect(await rig.accounts.redeemTicket(first.ticket)).not.toBeNull()
    await rig.clock.advance(1)
    expect(await rig.accounts.redeemTicket(second.ticket)).toBeNull()
  })

  test('end with their token, and are not issued for an ended one', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const { ticket } = await ticketFor(signedIn)
    await rig.accounts.logout(signedIn.token)
    expect(await rig.accounts.redeemTicket(ticket)).toBeNull()
    await expect(ticketFor(signedIn)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('are not accepted as tokens, nor tokens as tickets', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const { ticket } = await ticketFor(signedIn)
    expect(await rig.accounts.authenticate(ticket)).toBeNull()
    expect(await rig.accounts.redeemTicket(signedIn.token)).toBeNull()
    expect(await rig.accounts.authenticate(signedIn.token)).toMatchObject({ user: signedIn.user })
  })
})

function ticketFor({ user, token }: SignedIn) {
  return rig.accounts.issueTicket(user.id, rig.accounts.fingerprint(token))
}
