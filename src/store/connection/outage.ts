import type { Failure } from './failure.ts'

export interface OutageOptions {
  /**
   * The database has stopped serving. Called once an outage, however many statements fail in it; a moment later if at first it
   * is only known that a connection ended.
   */
  onOutage(failure: Failure): void
  /** It serves again. @param lastedMs from the first failure to the success that ended it */
  onRecovery(lastedMs: number): void
}

/** What the statements of one client tell the outage that the client may be part of. */
export interface ClientHealth {
  /** A statement failed for a reason that is the database's. */
  failed(failure: Failure): void
  succeeded(): void
  /** The client has been closed: it tells nothing any more. */
  closed(): void
}

export interface WatchedClient {
  /** Asks whether the database answers and takes writes. Reports its statement as any other; never rejects. */
  probe(): Promise<boolean>
  /** Whether the client only writes, so that any success tells that the database takes writes. */
  readonly writes: boolean
}

/**
 * How long nothing may fail until an outage counts as over, in milliseconds. Connections come back one after the other, and an
 * attempt to connect that was begun in the outage fails up to 5 s after its end.
 */
const CALM_MS = 6000
/** How long the reason is waited for, in milliseconds, if all that is known is that a connection ended: more than a probe's pause. */
const REASON_MS = 1500
/** Between two probes of the clients whose latest statement failed, in milliseconds. */
const PROBE_MS = 1000

interface FailingClient extends Pick<Failure, 'endedBy'> {
  probe(): Promise<boolean>
}

/**
 * Follows whether the database serves, from how the statements of its clients fare: an outage begins with the first that
 * fails, and is over once each client has succeeded with a statement that tells so, and nothing has failed for a while.
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

  /** An outage that no client asks about would never be seen to end. */
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
          // No statement of this client could tell when it is over.
          if (failure.endedBy === 'a write' && !writes) return
          failing.set(health, { endedBy: failure.endedBy, probe: ask })
          begin(failure)
          void probe()
        },
        // On the way of every statement.
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
