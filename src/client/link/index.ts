/*
 * The connection to the server: one socket at a time, identified with its first frame, its token refreshed before it ends,
 * opened again when it is lost, with a growing delay of chance or the one that a server that stops has asked for.
 */
export type { Stopped } from './close-codes.ts'
export { createLink, type Line, type LinkState } from './link.ts'
export type { Outcome } from './requests.ts'
export { type Token, type TokenSource, tokenSource } from './token.ts'
