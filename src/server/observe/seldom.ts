/** Returns a function that runs at most once in so many milliseconds, for log lines that clients can cause at any rate. */
export function seldom<Args extends unknown[]>(
  ms: number,
  run: (...args: Args) => void,
): (...args: Args) => void {
  let last = Number.NEGATIVE_INFINITY
  return (...args) => {
    const now = performance.now()
    if (now - last < ms) return
    last = now
    run(...args)
  }
}
