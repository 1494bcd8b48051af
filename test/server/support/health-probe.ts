/** A machine that does much else keeps the server waiting by itself, now and then: what the server does it does each time. */
const ATTEMPTS = 5

/**
 * Does something to a server again, while another client asks for its health all the time, until no answer takes `mostMs`;
 * a few times at most.
 * @returns what came of it the last time, and the longest wait for an answer then, in milliseconds
 */
export async function besideHealth<T>(
  url: string,
  mostMs: number,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly worst: number }> {
  for (let attempt = 1; ; attempt++) {
    const health = probeHealth(url)
    const result = await run()
    const worst = await health.worst()
    if (worst < mostMs || attempt === ATTEMPTS) return { result, worst }
  }
}

/** Asks a server for its health over and over, from now on. */
function probeHealth(url: string): { worst(): Promise<number> } {
  let isOver = false
  let worst = 0

  async function probe(): Promise<void> {
    while (!isOver) {
      const start = performance.now()
      const answer = await fetch(`${url}/healthz`)
      if (!answer.ok) throw new Error(`/healthz answered ${answer.status}`)
      await answer.text()
      worst = Math.max(worst, performance.now() - start)
      await Bun.sleep(5)
    }
  }

  const probing = probe()
  return {
    /** Ends it. @returns the longest wait for an answer, in milliseconds */
    async worst() {
      isOver = true
      await probing
      return worst
    },
  }
}
