/** Returns a function that runs at most once in so many milliseconds, for log lines that clients can cause at any rate. */
export function seldom(ms: number, run: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - last < ms) return
    last = now
    run()
  }
}
