/*
 * Accounts, tokens, and the clients that an account is known to use.
 */
export { createGuests } from './guests.ts'
export { createKnownClients } from './known-clients.ts'
export { createTokens } from './tokens.ts'
export { createUsers } from './users.ts'
