/** Why the client does not come back by itself. */
export interface Stopped {
  /**
   * `closed` by the application; `unauthenticated`: there is no token that the server takes; `refused`: the server does not
   * want this client, whichever user it speaks for.
   */
  readonly reason: 'closed' | 'unauthenticated' | 'refused'
  /** The server's close code, if it was one. */
  readonly code: number | null
  readonly message: string
}

/**
 * Why a client that was closed with this code must not come back as it is; null if it should. Only for connections on
 * which the server has spoken: before that, engines make up codes of their own.
 */
export function stopReason(code: number): Exclude<Stopped['reason'], 'closed'> | null {
  if (code === 1008 || code === 4500) return 'unauthenticated'
  const isFinal = [1002, 1003, 1007, 1009].includes(code) || (code > 4500 && code < 5000)
  return isFinal ? 'refused' : null
}
