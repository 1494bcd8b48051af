/**
 * Calls `start` with a port that was free a moment before, and with another one should something else have taken it since.
 *
 * The ports lie below the range that Linux gives to outgoing connections (from 32768 on), so that none of those can take
 * the port of a server that a test has killed and starts again. For the same reason no port is given twice, and each worker
 * of a parallel run has ports of its own.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(findFreePort())
    } catch (error) {
      const taken = error instanceof Error && /address already in use|EADDRINUSE/i.test(error.message)
      if (!taken || attempt === ATTEMPTS) throw error
    }
  }
}

const ATTEMPTS = 5
const LOWEST = 12_000
/** How many ports a worker has. */
const COUNT = 2_000
const WORKERS = 10

const firstPort = LOWEST + (Number(process.env.BUN_TEST_WORKER_ID ?? 0) % WORKERS) * COUNT
// Held by the module, since the ports belong to the process. It starts anywhere, because another run may use the same ports.
let turn = Math.floor(Math.random() * COUNT)

function findFreePort(): number {
  for (let attempt = 1; ; attempt++) {
    const port = firstPort + (turn++ % COUNT)
    try {
      Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => undefined } }).stop(true)
      return port
    } catch (error) {
      if (attempt === 100) throw error
    }
  }
}
