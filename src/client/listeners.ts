import type { Logger } from './environment.ts'

export interface Listeners<Args extends readonly unknown[]> {
  /** Adds a listener. Returns a function that removes it. */
  add(listener: (...args: Args) => void): () => void
  /** Calls each listener. One that throws is logged, and affects neither the others nor the library. */
  call(...args: Args): void
}

export function createListeners<Args extends readonly unknown[]>(log: Logger): Listeners<Args> {
  // Wrapped, so that a function that was added twice is called twice.
  const all = new Set<{ listener: (...args: Args) => void }>()
  return {
    add(listener) {
      const entry = { listener }
      all.add(entry)
      return () => void all.delete(entry)
    },
    call(...args) {
      if (all.size === 0) return
      for (const { listener } of [...all]) {
        try {
          listener(...args)
        } catch (error) {
          log('error', 'A listener has thrown', { error })
        }
      }
    },
  }
}
