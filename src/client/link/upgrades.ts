import type { Environment } from '../environment.ts'
import type { Transport } from './transport.ts'

/** Milliseconds until a better transport is tried for the first time, and the most between two tries. */
const FIRST_MS = 10_000
const LONGEST_MS = 300_000

/** Tries a transport. @returns how to give it up. `failed` is called once, unless the transport is taken. */
export type TryTransport = (transport: Transport, failed: () => void) => () => void

/** Tries better transports now and then, while a worse one is in use. */
export function createUpgrades(
  { clock, random }: Pick<Environment, 'clock' | 'random'>,
  attempt: TryTransport,
) {
  let cancel: () => void = () => undefined

  function plan(better: readonly Transport[], tries: number): void {
    const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries)
    // Half of it is left to chance, so that clients that were cut off together do not come together.
    cancel = clock.after(delayMs * (0.5 + random() / 2), () => go(better, 0, tries))
  }

  function go(better: readonly Transport[], index: number, tries: number): void {
    const transport = better[index]
    if (transport === undefined) plan(better, tries + 1)
    else cancel = attempt(transport, () => go(better, index + 1, tries))
  }

  function stop(): void {
    const present = cancel
    cancel = () => undefined
    present()
  }

  return {
    /** @param better the best first; with none there is nothing to do */
    start(better: readonly Transport[]): void {
      stop()
      if (better.length > 0) plan(better, 0)
    },
    stop,
  }
}
