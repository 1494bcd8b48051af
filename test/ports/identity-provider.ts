import { beforeAll, describe, expect, test } from 'bun:test'
import type { User } from '../../src/core/index.ts'
import type { AuthSession, Credential, IdentityProvider } from '../../src/server/index.ts'
import { id, present } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'

export interface ProviderUnderTest {
  /** The same provider on two nodes that are connected. */
  readonly nodes: readonly [IdentityProvider, IdentityProvider]
  makeUser(): Promise<User>
  /** Signs a user in, on any node. */
  signIn(user: User, lifetimeMs: number): Promise<SignIn>
  /** Ends a session before it expires, on the first node. */
  end(session: AuthSession): Promise<void>
}

export interface SignIn {
  readonly credential: Credential
  readonly session: AuthSession
}

const HOUR_MS = 3_600_000
const WITHIN_MS = 1000

/** What `IdentityProvider` promises while everything works. */
export function identityProviderContract(make: () => Promise<ProviderUnderTest>): void {
  describe('an identity provider', () => {
    let it: ProviderUnderTest
    let ann: User
    beforeAll(async () => {
      it = await make()
      ann = await it.makeUser()
    })

    test('resolves a credential to the same user and session on every node, every time', async () => {
      const { credential, session } = await it.signIn(ann, HOUR_MS)
      for (const node of [...it.nodes, ...it.nodes]) {
        expect(node.accepts(credential)).toBe(true)
        const identity = present(await node.resolve(credential))
        expect(identity).toMatchObject({ user: ann, session })
        expect(identity.session).toEqual({ provider: node.name, id: session.id, userId: ann.id })
        const spent = HOUR_MS - present(identity.expiresInMs)
        expect(spent).toBeGreaterThanOrEqual(0)
        expect(spent).toBeLessThan(60_000)
      }
    })

    test('has the same name on every node', () => {
      expect(it.nodes[1].name).toBe(it.nodes[0].name)
      expect(it.nodes[0].name).not.toBe('')
    })

    test('names a session by neither the credential nor a part of it', async () => {
      const { credential, session } = await it.signIn(ann, HOUR_MS)
      expect(session.id.length).toBeGreaterThan(0)
      expect(session.id.length).toBeLessThanOrEqual(200)
      expect(session.id).not.toContain(credential.text)
      expect(credential.text).not.toContain(session.id)
    })

    test('gives each sign-in its own session', async () => {
      const signIns = await Promise.all(Array.from({ length: 20 }, () => it.signIn(ann, HOUR_MS)))
      expect(new Set(signIns.map(({ session }) => session.id)).size).toBe(20)
    })

    test('accepts no text of another form, in any kind', () => {
      for (const text of ['', ' ', 'x', '.', '..', 'a.b', '🙂', 'null', 'x'.repeat(100_000)]) {
        for (const kind of ['token', 'ticket'] as const) {
          for (const node of it.nodes) expect(node.accepts({ kind, text })).toBe(false)
        }
      }
    })

    test('refuses a credential of the right form that it never issued', async () => {
      const { credential } = await it.signIn(ann, HOUR_MS)
      // Not the last character: some of the bits of that one may mean nothing.
      const other = credential.text.at(-9) === '0' ? '1' : '0'
      const forged = {
        ...credential,
        text: `${credential.text.slice(0, -9)}${other}${credential.text.slice(-8)}`,
      }
      for (const node of it.nodes) {
        expect(node.accepts(forged)).toBe(true)
        expect(await node.resolve(forged)).toBeNull()
      }
    })

    test('refuses a credential that has expired', async () => {
      const { credential } = await it.signIn(ann, 200)
      for (const node of it.nodes) {
        await until(async () => (await node.resolve(credential)) === null, 'the credential to expire')
      }
    })

    test('reports which of many sessions are still valid', async () => {
      const users = await Promise.all(Array.from({ length: 10 }, () => it.makeUser()))
      const signIns = await Promise.all(
        Array.from({ length: 1200 }, (_, i) => it.signIn(users[i % 10] ?? ann, HOUR_MS)),
      )
      const ended = signIns.filter((_, i) => i % 100 === 0)
      for (const { session } of ended) await it.end(session)
      const sessions = signIns.map(({ session }) => session)
      const living = sessions.filter((session) => !ended.some((each) => each.session.id === session.id))
      for (const node of it.nodes) {
        expect([...(await node.stillValid(sessions))].sort()).toEqual(living.map((each) => each.id).sort())
        expect(await node.stillValid([])).toEqual(new Set())
      }
    })

    test('ends sessions whose user does not exist', async () => {
      const session = { provider: it.nodes[0].name, id: 'never', userId: id(Number.MAX_SAFE_INTEGER) }
      for (const node of it.nodes) expect(await node.stillValid([session])).toEqual(new Set())
    })

    test('reports the end of a session on every node within a second, once, and refuses it from then on', async () => {
      const { credential, session } = await it.signIn(ann, HOUR_MS)
      const other = await it.signIn(ann, HOUR_MS)
      const told: AuthSession[][] = [[], []]
      const refused: Promise<unknown>[] = []
      const stops = it.nodes.map((node, i) =>
        node.revoked((ended) => {
          told[i]?.push(ended)
          refused.push(node.resolve(credential))
        }),
      )
      const start = performance.now()
      await it.end(session)
      await until(() => told.every((each) => each.length > 0), 'every node to be told')
      expect(performance.now() - start).toBeLessThan(WITHIN_MS)
      expect(await Promise.all(refused)).toEqual([null, null])
      await it.end(other.session)
      await until(() => told.every((each) => each.length > 1), 'the second end')
      expect(told).toEqual([
        [session, other.session],
        [session, other.session],
      ])
      for (const stop of stops) stop()
      await it.end((await it.signIn(ann, HOUR_MS)).session)
      expect(told.map((each) => each.length)).toEqual([2, 2])
      for (const node of it.nodes) expect(await node.resolve(credential)).toBeNull()
    })

    test('ends one session and no other of the same user', async () => {
      const [gone, kept] = [await it.signIn(ann, HOUR_MS), await it.signIn(ann, HOUR_MS)]
      await it.end(gone.session)
      for (const node of it.nodes) {
        expect(await node.resolve(kept.credential)).not.toBeNull()
        expect(await node.stillValid([gone.session, kept.session])).toEqual(new Set([kept.session.id]))
      }
    })
  })
}
