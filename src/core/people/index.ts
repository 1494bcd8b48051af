/*
 * Accounts: registering, signing in, tokens, profiles, and the limits on guessing.
 */
export { type Accounts, type AccountsDeps, type AccountsOptions, createAccounts } from './accounts.ts'
export { createGuests, type Guests } from './guests.ts'
export type { Source } from './source.ts'
export type { ListedToken, SignedIn } from './tokens.ts'
