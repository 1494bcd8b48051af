/** Milliseconds to wait for a missing number before it is read: two commits of one node may overtake each other by a tick. */
export const GAP_PATIENCE_MS = 25

/** The most changes that are read at once. */
export const PAGE = 500

/** Returns the milliseconds to wait after so many failures to read a gap: jittered, up to five seconds. */
export function pauseAfter(failures: number): number {
  return Math.random() * Math.min(5000, 100 * 2 ** Math.min(failures, 10))
}
