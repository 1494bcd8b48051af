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
 * pings first, because a late timer, on a machine that slept, says nothing about the connection. What is heard only notes the time:
 * the timer that is running then waits for the rest.
 */
export function watchLiveness(
  clock: Clock,
  heartbeatMs: number,
  ask: () => void,
  dead: () => void,
): Liveness {
  let cancel: () => void
  let asked = false
  let heardAt = clock.ticks()

  function wait(ms: number): void {
    asked = false
    cancel = clock.after(ms, () => {
      const leftMs = heardAt + heartbeatMs * 1.5 - clock.ticks()
      if (leftMs > 0) wait(leftMs)
      else demand(heartbeatMs / 2)
    })
  }

  function demand(withinMs: number): void {
    asked = true
    cancel()
    cancel = clock.after(withinMs, dead)
    ask()
  }

  wait(heartbeatMs * 1.5)
  return {
    heard() {
      heardAt = clock.ticks()
      if (!asked) return
      cancel()
      wait(heartbeatMs * 1.5)
    },
    probe() {
      if (!asked) demand(Math.min(PROBE_MS, heartbeatMs / 2))
    },
    stop: () => cancel(),
  }
}
