import type { Clock, Logger } from '../environment.ts'
import { isIdentified, type ResultData } from '../wire.ts'
import type { Connection } from './connection.ts'
import type { TokenSource } from './token.ts'
import { settle } from './waiting.ts'

/** A new token is requested this many milliseconds before the old one ends, or after three quarters of its life, whichever is later. */
const MARGIN_MS = 60_000
const SHORTEST_MS = 1000
const LONGEST_MS = 2_000_000_000

/**
 * Calls `refresh` before each token ends, and repeats it at shorter intervals if it fails. Returns a function that stops this.
 * @param refresh resolves to the milliseconds for which the new token is valid, or to null if there is none
 */
export function keepFresh(
  expiresInMs: number,
  clock: Clock,
  refresh: () => Promise<number | null>,
): () => void {
  let endsAt = clock.now() + expiresInMs
  let cancel: () => void = () => undefined
  let stopped = false

  function wait(): void {
    const left = endsAt - clock.now()
    // It is too late: the server closes the connection, and the next one starts with a new token.
    if (stopped || left < SHORTEST_MS) return
    const delayMs = Math.max(SHORTEST_MS, left - Math.min(MARGIN_MS, left / 4))
    // A timer lasts at most 24.8 days; then the clock is checked again.
    if (delayMs > LONGEST_MS) cancel = clock.after(LONGEST_MS, wait)
    else cancel = clock.after(delayMs, () => void act())
  }

  async function act(): Promise<void> {
    const holdsMs = await refresh()
    if (holdsMs !== null) endsAt = clock.now() + holdsMs
    wait()
  }

  wait()
  return () => {
    stopped = true
    cancel()
  }
}

/** Renews the token of a connection. Resolves to the milliseconds for which the new one is valid, or null if that failed. */
export async function refreshToken(
  ask: Connection['ask'],
  token: TokenSource,
  log: Logger,
): Promise<number | null> {
  try {
    const fresh = await token.get()
    const data = await new Promise<ResultData>((resolve, reject) =>
      ask({ type: 'auth', token: fresh }, settle(resolve, reject)),
    )
    return isIdentified(data) ? data.expires_in_ms : null
  } catch (error) {
    log('warn', 'The token could not be refreshed', { error })
    return null
  }
}
