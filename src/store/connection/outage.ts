import type { Failure } from './failure.ts'

export interface OutageOptions {
  /**
   * Called when the database has stopped serving: once per outage, however many statements fail. Called 1.5 seconds later if at first
   * all that is known is that a connection ended.
   */
  onOutage(failure: Failure): void
  /** Called when the database serves again. @param lastedMs from the first failure to the success that ended the outage */
  onRecovery(lastedMs: number): void
}

/** Reports how the statements of one client fare. */
export interface ClientHealth {
  /** A statement failed and the database was at fault. */
  failed(failure: Failure): void
  succeeded(): void
  /** The client has been closed: it tells nothing any more. */
  closed(): void
}

export interface WatchedClient {
  /** Asks whether the database answers and takes writes. Its statement is reported like any other. Never rejects. */
  probe(): Promise<boolean>
  /** Whether the client only writes, so that any success shows that the database takes writes. */
  readonly writes: boolean
}

/**
 * Milliseconds without a failure after which an outage counts as over. Connections come back one after the other, and an attempt to
 * connect that began during the outage fails up to 5 s after its end.
 */
const CALM_MS = 6000
/** Milliseconds to wait for the cause if all that is known is that a connection ended. Longer than the pause between probes. */
const REASON_MS = 1500
/** Milliseconds between two probes of the clients whose latest statement failed. */
const PROBE_MS = 1000

interface FailingClient extends Pick<Failure, 'endedBy'> {
  probe(): Promise<boolean>
}

/**
 * Detects outages from how the statements of its clients fare. An outage begins with the first failure. It is over when each client
 * has succeeded with a statement that proves it, and nothing has failed for `calmMs`.
 */
export function watchOutages({ onOutage, onRecovery }: OutageOptions, calmMs = CALM_MS) {
  const failing = new Map<ClientHealth, FailingClient>()
  let began: number | null = null
  let probing = false
  let calm: ReturnType<typeof setTimeout> | null = null
  let untold: { readonly failure: Failure; readonly timer: ReturnType<typeof setTimeout> } | null = null

  function begin(failure: Failure): void {
    if (calm !== null) clearTimeout(calm)
    calm = null
    if (began === null) {
      began = performance.now()
      untold = { failure, timer: setTimeout(() => tell(failure), REASON_MS) }
      untold.timer.unref()
    }
    if (untold !== null && !failure.ended) tell(failure)
  }

  function tell(failure: Failure): void {
    if (untold !== null) clearTimeout(untold.timer)
    untold = null
    onOutage(failure)
  }

  function endLater(): void {
    if (failing.size > 0 || began === null || calm !== null) return
    const lastedMs = performance.now() - began
    calm = setTimeout(() => {
      calm = null
      began = null
      if (untold !== null) tell(untold.failure)
      onRecovery(lastedMs)
    }, calmMs)
    calm.unref()
  }

  /** Asks for the clients that are idle: without a statement of theirs the end would not be noticed. */
  async function probe(): Promise<void> {
    if (probing) return
    probing = true
    while (failing.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS).unref())
      await Promise.all([...failing].map(([health, client]) => probeOne(health, client)))
    }
    probing = false
  }

  async function probeOne(health: ClientHealth, { endedBy, probe: ask }: FailingClient): Promise<void> {
    if (endedBy !== 'a write' && (await ask()) && failing.delete(health)) endLater()
  }

  return {
    client({ probe: ask, writes }: WatchedClient): ClientHealth {
      const health: ClientHealth = {
        failed(failure) {
          // This client writes nothing, so none of its statements could show the end.
          if (failure.endedBy === 'a write' && !writes) return
          failing.set(health, { endedBy: failure.endedBy, probe: ask })
          begin(failure)
          void probe()
        },
        // Hot path: runs for every statement.
        succeeded() {
          if (failing.size === 0) return
          const client = failing.get(health)
          if (client === undefined || (client.endedBy !== 'any success' && !writes)) return
          failing.delete(health)
          endLater()
        },
        closed() {
          if (failing.delete(health)) endLater()
        },
      }
      return health
    },
  }
}
