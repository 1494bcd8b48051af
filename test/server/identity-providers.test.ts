import { describe, expect, test } from 'bun:test'
import { loadConfig } from '../../src/config.ts'
import { createAccounts, type Signal, type Store, type UserId } from '../../src/core/index.ts'
import { tokenProvider } from '../../src/server/identity/token-provider.ts'
import {
  createSecrets,
  createSessionEnds,
  type ProviderParts,
  type SessionEnds,
} from '../../src/server/index.ts'
import { AccountsRig } from '../core/fakes/accounts-rig.ts'
import { present } from '../core/fakes/values.ts'
import { identityProviderContract, type ProviderUnderTest } from '../ports/identity-provider.ts'
import { type MakeStores, World } from '../ports/world.ts'
import { useStores } from '../store/stores.ts'
import { signedTokens } from '../support/signed-tokens.ts'

for (const kind of ['postgres', 'embedded'] as const) {
  describe(`tokens on ${kind}:`, () => {
    const make = useStores(kind)
    identityProviderContract(() => tokensOn(make))

    test('a ticket is resolved once, to the session of its token', async () => {
      const { nodes, makeUser, signIn, issueTicket } = await tokensOn(make)
      const user = await makeUser()
      const { session, credential } = await signIn(user, 60_000)
      const ticket = { kind: 'ticket', text: await issueTicket(session) } as const
      expect(nodes[0].accepts(ticket)).toBe(true)
      const answers = await Promise.all(nodes.map((node) => node.resolve(ticket)))
      expect(answers.filter((answer) => answer !== null)).toMatchObject([{ user, session }])
      // Neither is taken for the other.
      expect(await nodes[0].resolve({ kind: 'ticket', text: credential.text })).toBeNull()
      const unspent = await issueTicket(session)
      expect(await nodes[0].resolve({ kind: 'token', text: unspent })).toBeNull()
    })
  })
}

describe('signed tokens, which are not stored:', () => {
  const make = useStores('postgres')
  identityProviderContract(async () => {
    const { world, parts } = await twoNodes(make)
    const [one, other] = parts.map((each) => signedTokens(each, 'a secret of both nodes'))
    return {
      nodes: [present(one), present(other)],
      makeUser: () => world.user(),
      async signIn(user, lifetimeMs) {
        const text = present(other).issue(user.id, lifetimeMs)
        return { credential: { kind: 'token', text }, session: present(one).sessionOf(text) }
      },
      end: async (session) => present(one).end(session),
    }
  })
})

async function tokensOn(make: MakeStores) {
  const { world, parts } = await twoNodes(make)
  const [one, other] = parts
  const secrets = createSecrets()
  const it: ProviderUnderTest = {
    nodes: [nodeOf(present(one)), nodeOf(present(other))],
    makeUser: () => world.user(),
    async signIn(user, lifetimeMs) {
      const text = secrets.token()
      await world.other.addToken(secrets.hash(text), user.id, lifetimeMs)
      const session = { provider: 'token', id: secrets.hash(text).toHex(), userId: user.id }
      return { credential: { kind: 'token', text }, session }
    },
    end: async ({ userId, id }) => void (await present(one).accounts.revokeToken(userId, id)),
  }
  return {
    ...it,
    issueTicket: async ({ userId, id }: { userId: UserId; id: string }) =>
      (await present(one).accounts.issueTicket(userId, id)).ticket,
  }
}

function nodeOf({ accounts, ends }: ProviderParts) {
  return tokenProvider(accounts, ends)
}

/** What providers are made of, on two nodes: each hears what either says. */
async function twoNodes(make: MakeStores) {
  const stores = await make()
  const all: SessionEnds[] = []
  const signals = {
    publish(signal: Signal): void {
      if (signal.type === 'token_revoked') for (const ends of all) ends.heard(signal)
    },
  }
  function node(store: Store): ProviderParts {
    const ends = createSessionEnds(signals)
    all.push(ends)
    const { passwords, limiter } = new AccountsRig()
    const registers = { users: store, tokens: store, knownClients: store }
    const settings = loadConfig({}).auth
    const accounts = createAccounts(
      { ...registers, passwords, limiter, secrets: createSecrets(), signals },
      settings,
    )
    return { accounts, ends, settings }
  }
  return { world: new World(stores), parts: [node(stores.store), node(stores.other)] }
}
