/*
 * The connection to the server: one at a time, over the best transport that gets through. A socket is identified with its first frame, its token refreshed before it ends,
 * reopened when it is lost, with jittered exponential backoff, or after the delay that a stopping server asked for.
 */
export type { Stopped } from './close-codes.ts'
export { openConnection } from './connection.ts'
export { createLink } from './link.ts'
export type { Outcome } from './requests.ts'
export { type Token, type TokenSource, tokenSource } from './token.ts'
export { TRANSPORTS, type Transport } from './transport.ts'
export type { Line, LinkState, OpenConnection } from './types.ts'
