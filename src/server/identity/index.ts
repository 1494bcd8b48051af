/*
 * Who makes a request: tokens, tickets, cookies, origins, and the hashing of passwords.
 */
export { DEVICE_COOKIE, SESSION_COOKIE } from './cookies.ts'
export { createIdentities, type Identities, type Identity } from './identity.ts'
export { createOrigins, type Origins } from './origin.ts'
export { createPasswords } from './passwords.ts'
export { createSecrets } from './secrets.ts'
export { createSources } from './source.ts'
