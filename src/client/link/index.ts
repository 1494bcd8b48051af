/*
 * The connection to the server: one socket at a time, identified with its first frame, its token refreshed before it ends,
 * reopened when it is lost, with jittered exponential backoff, or after the delay that a stopping server asked for.
 */
export type { Stopped } from './close-codes.ts'
export { createLink, type Line, type LinkState } from './link.ts'
export type { Outcome } from './requests.ts'
export { type Token, type TokenSource, tokenSource } from './token.ts'
