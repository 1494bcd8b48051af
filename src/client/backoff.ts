const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * Returns the milliseconds to wait before the next attempt: a random time up to a bound that doubles with each attempt (full jitter),
 * so that clients that were cut off together do not reconnect together.
 * @param attempt from 0 on
 */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt)
}
