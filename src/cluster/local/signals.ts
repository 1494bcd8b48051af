import type { Signal, Signals } from '../../core/index.ts'

/** Signals of one node: straight to the listener. @param onFault told where the listener throws */
export function createMemorySignals(
  listener: (signal: Signal) => void,
  onFault: (error: unknown) => void,
): Signals {
  return {
    publish(signal) {
      try {
        listener(signal)
      } catch (error) {
        onFault(error)
      }
    },
  }
}
