import type { Signal, Signals } from '../core/index.ts'

/** Signals of one node: straight to the listener. */
export function createMemorySignals(listener: (signal: Signal) => void): Signals {
  return { publish: listener }
}
