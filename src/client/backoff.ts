const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * Milliseconds to wait before a further attempt, anywhere between 0 and a bound that doubles with each (full jitter), so
 * that clients that were cut off together do not come back together.
 * @param attempt from 0 on
 */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt)
}
