/**
 * Calls `start` with a port that was free a moment before, and with another one should something else have taken it since.
 *
 * The ports lie below the range that Linux gives to outgoing connections (from 32768 on), so that none of those can take
 * the port of a server that a test has killed and starts again.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(findFreePort())
    } catch (error) {
      const taken = error instanceof Error && /address already in use/i.test(error.message)
      if (!taken || attempt === ATTEMPTS) throw error
    }
  }
}

const ATTEMPTS = 5
const LOWEST = 12_000
const COUNT = 20_000

function findFreePort(): number {
  for (let attempt = 1; ; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * COUNT)
    try {
      Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => undefined } }).stop(true)
      return port
    } catch (error) {
      if (attempt === 100) throw error
    }
  }
}
