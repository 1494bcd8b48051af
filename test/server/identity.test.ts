import { beforeEach, describe, expect, test } from 'bun:test'
import { createIdentities, createOrigins, type Identities } from '../../src/server/index.ts'
import { AccountsRig, THERE } from '../core/fakes/accounts-rig.ts'

const DAY = 86_400_000
let rig: AccountsRig
let identities: Identities
/** Fingerprints of tokens that have ended lately. */
let revoked: Set<string>
/** Who has asked, and for how long everyone is to wait. */
let taken: number[]
let waitMs: number

beforeEach(() => {
  rig = new AccountsRig()
  revoked = new Set()
  taken = []
  waitMs = 0
  identities = createIdentities(
    rig.accounts,
    createOrigins([]),
    rig.clock,
    {
      take(user) {
        taken.push(user)
        return waitMs
      },
    },
    (fingerprint) => revoked.has(fingerprint),
  )
})

describe('an identity', () => {
  test('of a token says whose it is and how long it has left, believed or asked', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const fingerprint = rig.accounts.fingerprint(token)
    expect(await identities.ofToken(token)).toEqual({ user, token, fingerprint, expiresInMs: 2 * DAY })
    await rig.clock.advance(1234)
    expect(await identities.ofToken(token)).toMatchObject({ expiresInMs: 2 * DAY - 1234 })
  })

  test('of a ticket has what its token has left', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    await rig.clock.advance(DAY)
    const { ticket } = await rig.accounts.issueTicket(signedIn)
    const request = new Request(`http://localhost/socket?ticket=${ticket}`)
    expect(await identities.find(request, { secure: false, query: true })).toEqual({
      user: signedIn.user,
      token: null,
      fingerprint: rig.accounts.fingerprint(signedIn.token),
      expiresInMs: DAY,
    })
  })

  test('ends with its token, however fresh the belief', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    await rig.clock.advance(2 * DAY - 1)
    expect(await identities.ofToken(token)).toMatchObject({ expiresInMs: 1 })
    await rig.clock.advance(1)
    await expect(identities.ofToken(token)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('ends with the word that its token is revoked, however fresh the belief', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    await identities.ofToken(token)
    revoked.add(rig.accounts.fingerprint(token))
    await expect(identities.ofToken(token)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('is paid for by the budget of its user, once a request, but not for a handshake', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const request = new Request('http://localhost/rooms', { headers: { authorization: `Token ${token}` } })
    const found = await identities.find(request, { secure: false, query: false })
    expect([found?.user, taken]).toEqual([user, [user.id]])
    waitMs = 30
    const refused = { kind: 'rate_limited', retryAfterMs: 30 }
    await expect(identities.require(request, { secure: false, query: false })).rejects.toMatchObject(refused)
    expect(taken).toHaveLength(2)
    expect(await identities.find(request, { secure: false, query: true })).not.toBeNull()
    expect(await identities.find(new Request(request.url), { secure: false, query: false })).toBeNull()
    expect(taken).toHaveLength(2)
  })

  test('of a ticket is nobody where its token is revoked', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const { ticket } = await rig.accounts.issueTicket(signedIn)
    revoked.add(rig.accounts.fingerprint(signedIn.token))
    const request = new Request(`http://localhost/socket?ticket=${ticket}`)
    await expect(identities.find(request, { secure: false, query: true })).rejects.toMatchObject({
      kind: 'unauthenticated',
    })
  })
})
