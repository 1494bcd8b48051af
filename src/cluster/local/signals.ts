import type { Signal, Signals } from '../../core/index.ts'

/** Hands the signals of a single node straight to the listener. @param onFault called if the listener throws */
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
