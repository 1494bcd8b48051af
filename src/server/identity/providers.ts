import type { Config } from '../../config.ts'
import type { Accounts } from '../../core/index.ts'
import type { IdentityProvider } from './provider.ts'
import type { SessionEnds } from './session-ends.ts'
import { tokenProvider } from './token-provider.ts'

/** What providers are made of. */
export interface ProviderParts {
  /** The settings of sign-in, those of each provider among them. */
  readonly settings: Config['auth']
  readonly accounts: Accounts
  readonly ends: SessionEnds
}

/** Returns this server's ways to sign in. The first that accepts a credential answers for it. */
export function identityProviders({ accounts, ends }: ProviderParts): readonly IdentityProvider[] {
  return [tokenProvider(accounts, ends)]
}
