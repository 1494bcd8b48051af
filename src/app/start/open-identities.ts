import type { Cluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import type { Chat, Clock } from '../../core/index.ts'
import {
  type Connections,
  type Cookies,
  createIdentities,
  createSessionEnds,
  type Identities,
  type IdentityProvider,
  identityProviders,
  type Origins,
  type ProviderParts,
  type SessionEnds,
} from '../../server/index.ts'

export interface IdentityParts {
  readonly chat: Chat
  readonly clock: Clock
  readonly cluster: Cluster
  readonly connections: Connections
  readonly origins: Origins
  readonly cookies: Cookies
}

export interface MoreProviders {
  /** Returns further identity providers. They are asked after those of the configuration. */
  readonly identityProviders?: (parts: ProviderParts) => readonly IdentityProvider[]
}

export interface OpenIdentities {
  readonly identities: Identities
  readonly sessionEnds: SessionEnds
  /** Stops closing the sockets of sessions that end. */
  stop(): void
}

/** Opens the identity providers. When one of them ends a session, the session's sockets are closed. */
export function openIdentities(
  config: Config,
  { chat, clock, cluster, connections, origins, cookies }: IdentityParts,
  more: MoreProviders = {},
): OpenIdentities {
  const sessionEnds = createSessionEnds(cluster.signals)
  const parts = { settings: config.auth, accounts: chat.accounts, ends: sessionEnds }
  const providers = [...identityProviders(parts), ...(more.identityProviders?.(parts) ?? [])]
  const identities = createIdentities(providers, { origins, cookies }, clock, cluster.requests, (session) =>
    connections.isRevoked(session),
  )
  const stop = identities.revoked((session) => connections.revoke(session))
  return { identities, sessionEnds, stop }
}
