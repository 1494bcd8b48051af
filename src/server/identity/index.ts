/*
 * Who makes a request: credentials and their providers, cookies, origins, and the hashing of passwords. `identity.ts` reads the
 * credential, `provider.ts` is the port, `providers.ts` the list of its implementations.
 */
export { type CookieSettings, type Cookies, createCookies } from './cookies.ts'
export { createIdentities, type Identities } from './identity.ts'
export { createOrigins, type Origins } from './origin.ts'
export { createPasswords } from './passwords.ts'
export type { AuthSession, Credential, Identity, IdentityProvider } from './provider.ts'
export { identityProviders, type ProviderParts } from './providers.ts'
export { createSecrets } from './secrets.ts'
export { createSessionEnds, type SessionEnds, TOKENS } from './session-ends.ts'
export { createSources } from './source.ts'
