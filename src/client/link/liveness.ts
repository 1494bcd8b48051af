import type { Clock } from '../environment.ts'

/** How long an extra check waits for its response, at most. Milliseconds. */
const PROBE_MS = 5000

export interface Liveness {
  /** Called when anything has arrived. */
  heard(): void
  /** Checks now whether the connection is still alive. */
  probe(): void
  stop(): void
}

/**
 * Notices a dead connection: after one and a half heartbeats of silence it sends a ping, after two the connection is dead. It always
 * pings first, because a late timer, on a machine that slept, says nothing about the connection.
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
