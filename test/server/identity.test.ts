import { beforeEach, describe, expect, test } from 'bun:test'
import { loadConfig } from '../../src/config.ts'
import type { SignedIn } from '../../src/core/index.ts'
import {
  type AuthSession,
  createCookies,
  createIdentities,
  createOrigins,
  createSessionEnds,
  type Identities,
  type IdentityProvider,
  identityProviders,
} from '../../src/server/index.ts'
import { AccountsRig, THERE } from '../core/fakes/accounts-rig.ts'
import { id } from '../core/fakes/values.ts'

const DAY = 86_400_000
const BROWSERS = {
  origins: createOrigins({ allowed: [], local: false }),
  cookies: createCookies(loadConfig({}).cookies),
}
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
    identityProviders({
      settings: loadConfig({}).auth,
      accounts: rig.accounts,
      ends: createSessionEnds({ publish: () => undefined }),
    }),
    BROWSERS,
    rig.clock,
    {
      take(user) {
        taken.push(user)
        return waitMs
      },
    },
    ({ id }) => revoked.has(id),
  )
})

describe('an identity', () => {
  test('of a token has the user and the remaining time, cached or looked up', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const session = { provider: 'token', id: rig.accounts.fingerprint(token), userId: user.id }
    expect(await identities.ofToken(token)).toEqual({ user, session, expiresInMs: 2 * DAY })
    await rig.clock.advance(1234)
    expect(await identities.ofToken(token)).toMatchObject({ expiresInMs: 2 * DAY - 1234 })
  })

  test('of a ticket has the remaining time of its token', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    await rig.clock.advance(DAY)
    const { ticket } = await ticketFor(signedIn)
    const request = new Request(`http://localhost/socket?ticket=${ticket}`)
    expect(await identities.find(request, { own: 'http://localhost', query: true })).toEqual({
      user: signedIn.user,
      session: {
        provider: 'token',
        id: rig.accounts.fingerprint(signedIn.token),
        userId: signedIn.user.id,
      },
      expiresInMs: DAY,
    })
  })

  test('ends with its token, even if it was just cached', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    await rig.clock.advance(2 * DAY - 1)
    expect(await identities.ofToken(token)).toMatchObject({ expiresInMs: 1 })
    await rig.clock.advance(1)
    await expect(identities.ofToken(token)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('ends when its token is reported as revoked, even if it was just cached', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    await identities.ofToken(token)
    revoked.add(rig.accounts.fingerprint(token))
    await expect(identities.ofToken(token)).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  test('takes one request from the user’s budget, except for a handshake', async () => {
    const { user, token } = await rig.accounts.register('ann', 'long enough', THERE)
    const request = new Request('http://localhost/rooms', { headers: { authorization: `Token ${token}` } })
    const found = await identities.find(request, { own: 'http://localhost', query: false })
    expect([found?.user, taken]).toEqual([user, [user.id]])
    waitMs = 30
    const refused = { kind: 'rate_limited', retryAfterMs: 30 }
    await expect(
      identities.require(request, { own: 'http://localhost', query: false }),
    ).rejects.toMatchObject(refused)
    expect(taken).toHaveLength(2)
    expect(await identities.find(request, { own: 'http://localhost', query: true })).not.toBeNull()
    expect(
      await identities.find(new Request(request.url), { own: 'http://localhost', query: false }),
    ).toBeNull()
    expect(taken).toHaveLength(2)
  })

  test('of a ticket is refused if its token is revoked', async () => {
    const signedIn = await rig.accounts.register('ann', 'long enough', THERE)
    const { ticket } = await ticketFor(signedIn)
    revoked.add(rig.accounts.fingerprint(signedIn.token))
    const request = new Request(`http://localhost/socket?ticket=${ticket}`)
    await expect(identities.find(request, { own: 'http://localhost', query: true })).rejects.toMatchObject({
      kind: 'unauthenticated',
    })
  })
})

describe('a credential that is not valid', () => {
  const junk = ['0'.repeat(40), 'junk', 'a'.repeat(5000)]
  const find = (headers: Record<string, string>, query = '') =>
    identities.find(new Request(`http://localhost/${query}`, { headers }), {
      own: 'http://localhost',
      query: true,
    })

  test('is as good as none in a cookie, which may be of another program or of a session that has ended', async () => {
    const { token } = await rig.accounts.register('ann', 'long enough', THERE)
    for (const text of junk) expect(await find({ cookie: `parley_session=${text}` })).toBeNull()
    expect(await find({ cookie: `parley_session=${token}` })).not.toBeNull()
    revoked.add(rig.accounts.fingerprint(token))
    expect(await find({ cookie: `parley_session=${token}` })).toBeNull()
  })

  test('is refused where the client names it itself', async () => {
    for (const text of junk) {
      const refused = { kind: 'unauthenticated' }
      await expect(find({ authorization: `Token ${text}` })).rejects.toMatchObject(refused)
      await expect(find({}, `?token=${text}`)).rejects.toMatchObject(refused)
      await expect(find({}, `?ticket=${text}`)).rejects.toMatchObject(refused)
      await expect(identities.ofToken(text)).rejects.toMatchObject(refused)
    }
  })
})

describe('the check of sessions', () => {
  const session = (provider: string, name: string) => ({ provider, id: name, userId: id(1) })
  const provider = (name: string, stillValid: IdentityProvider['stillValid']): IdentityProvider => ({
    name,
    stillValid,
    accepts: () => false,
    resolve: async () => null,
    revoked: () => () => undefined,
  })
  const identitiesOf = (...providers: IdentityProvider[]) =>
    createIdentities(providers, BROWSERS, rig.clock, { take: () => 0 }, () => false)

  test('asks each provider once, for its own sessions, without duplicates', async () => {
    const asked: unknown[] = []
    const of = (name: string) =>
      provider(name, async (sessions) => {
        asked.push(sessions)
        return new Set(['a'])
      })
    const sessions = [session('one', 'a'), session('two', 'a'), session('one', 'b'), session('one', 'b')]
    const ended: AuthSession[] = []
    await identitiesOf(of('one'), of('two')).findEnded(sessions, (each) => ended.push(each))
    expect(asked).toEqual([[session('one', 'a'), session('one', 'b')], [session('two', 'a')]])
    expect(ended).toEqual([session('one', 'b')])
  })

  test('ends no session of a provider that fails, reports the failure, and continues with the others', async () => {
    const failing = provider('one', () => Promise.reject(new Error('away')))
    const working = provider('two', async () => new Set())
    const ended: AuthSession[] = []
    const sessions = [session('one', 'a'), session('two', 'a')]
    const check = identitiesOf(failing, working).findEnded(sessions, (each) => ended.push(each))
    await expect(check).rejects.toThrow('away')
    expect(ended).toEqual([session('two', 'a')])
  })

  test('ends the sessions of a removed provider', async () => {
    const ended: AuthSession[] = []
    await identitiesOf().findEnded([session('gone', 'a')], (each) => ended.push(each))
    expect(ended).toEqual([session('gone', 'a')])
  })

  test('refuses two providers of the same name', () => {
    const one = provider('one', async () => new Set())
    expect(() => identitiesOf(one, { ...one })).toThrow('two identity providers have the same name: one')
  })
})

function ticketFor({ user, token }: SignedIn) {
  return rig.accounts.issueTicket(user.id, rig.accounts.fingerprint(token))
}
