import type { Clock, OutboxEntry, OutboxStorage, SocketConstructor } from '../../src/client/index.ts'
import type { Random } from '../e2e/random.ts'

/** What a page gives to the client that runs in it. */
export interface Page {
  readonly clock: Clock
  readonly WebSocket: SocketConstructor
  readonly storage: OutboxStorage
  /** Closes the page in the middle of whatever it does. Nothing in it runs afterwards. */
  leave(): void
}

/** @param entries what is stored, for this page and the next one */
export function openPage(entries: Map<string, OutboxEntry>, random: Random): Page {
  const timers = new Set<Timer>()
  const sockets = new Set<WebSocket>()
  let isGone = false

  /** Storing takes time, and the page may be closed meanwhile. */
  async function later<T>(act: () => T): Promise<T> {
    for (let turns = random.below(4); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve))
    return isGone ? await new Promise<never>(() => undefined) : act()
  }

  const clock: Clock = {
    now: () => Date.now(),
    ticks: () => performance.now(),
    after(ms, act) {
      if (isGone) return () => undefined
      const timer = setTimeout(() => {
        timers.delete(timer)
        act()
      }, ms)
      timers.add(timer)
      return () => {
        clearTimeout(timer)
        timers.delete(timer)
      }
    },
  }

  return {
    clock,
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        super(url)
        sockets.add(this)
      }
    },
    storage: {
      load: () => later(() => [...entries.values()]),
      put: (entry) => later(() => void entries.set(entry.clientId, entry)),
      remove: (clientId) => later(() => void entries.delete(clientId)),
    },
    leave() {
      isGone = true
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.terminate()
    },
  }
}
