import type { ParleyError } from '../errors.ts'

/** Why the client does not reconnect by itself. */
export interface Stopped {
  /**
   * `closed`: by the application; `unauthenticated`: there is no token that the server accepts; `refused`: the server refuses this
   * client, whichever user is signed in.
   */
  readonly reason: 'closed' | 'unauthenticated' | 'refused'
  /** The server's close code, if there was one. */
  readonly code: number | null
  readonly message: string
}

/**
 * Returns why a client that was closed with this code must not reconnect; null if it should. Only for connections on which the
 * server has sent something: before that, engines use codes of their own.
 */
export function stopReason(code: number): Exclude<Stopped['reason'], 'closed'> | null {
  if (code === 1008 || code === 4500) return 'unauthenticated'
  const isFinal = [1002, 1003, 1007, 1009].includes(code) || (code > 4500 && code < 5000)
  return isFinal ? 'refused' : null
}

/** Whether the token is at fault, so that no attempt with the same one can succeed. */
export function isFinal({ code }: ParleyError): boolean {
  return code === 'unauthenticated' || code === 'forbidden' || code === 'invalid'
}
