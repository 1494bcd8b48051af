import type { Clock } from '../environment.ts'

/** Where a connection is asked for out of turn, no more than this is waited for its answer. */
const PROBE_MS = 5000

export interface Liveness {
  /** Something has come. */
  heard(): void
  /** Finds out now whether the connection still is one. */
  probe(): void
  stop(): void
}

/**
 * Notices a dead connection: after one and a half heartbeats of silence it asks, after two it is dead. It always asks first,
 * since a timer that comes late, on a machine that slept, says nothing about the connection.
 */
export function watchLiveness(
  clock: Clock,
  heartbeatMs: number,
  ask: () => void,
  dead: () => void,
): Liveness {
  let cancel: () => void
  let asked = false

  function wait(): void {
    asked = false
    cancel = clock.after(heartbeatMs * 1.5, () => demand(heartbeatMs / 2))
  }

  function demand(withinMs: number): void {
    asked = true
    cancel()
    cancel = clock.after(withinMs, dead)
    ask()
  }

  wait()
  return {
    heard() {
      cancel()
      wait()
    },
    probe() {
      if (!asked) demand(Math.min(PROBE_MS, heartbeatMs / 2))
    },
    stop: () => cancel(),
  }
}
