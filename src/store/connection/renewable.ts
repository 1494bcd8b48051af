import type { Sql } from 'postgres'

export interface Renewable {
  /** The current client. */
  readonly sql: Sql
  /** Switches to a new client and lets the old one finish its statements. Does nothing within `pauseMs` of the last switch. */
  renew(): void
  /** Switches as `renew` does, however recent the last switch. */
  replace(): void
}

/** Seconds that the statements of the old client may take to finish. */
const FINISH_SECONDS = 5

/**
 * Returns a client that can be replaced while others hold it. If the other end of a connection vanishes silently (a host lost power,
 * a firewall dropped its state), the connection takes statements until the kernel gives it up, a quarter of an hour later. The only
 * sign is a statement that is unanswered long after the server would have cancelled it.
 *
 * @param pauseMs the least time between two renewals, so that a server that hangs does not get many clients
 */
export function renewable(make: () => Sql, pauseMs: number): Renewable {
  let current = make()
  let renewedAt = Number.NEGATIVE_INFINITY
  const sql = new Proxy<Sql>(current, {
    apply: (_, self, args) => Reflect.apply(current, self, args),
    get: (_, key) => Reflect.get(current, key),
  })

  function replace(): void {
    renewedAt = performance.now()
    const old = current
    current = make()
    // `drizzle` has changed these on the old client; the new one must read and write alike.
    Object.assign(current.options.parsers, old.options.parsers)
    Object.assign(current.options.serializers, old.options.serializers)
    // Statements that it cannot finish fail for their callers.
    old.end({ timeout: FINISH_SECONDS }).catch(() => undefined)
  }

  return {
    sql,
    renew() {
      if (performance.now() - renewedAt >= pauseMs) replace()
    },
    replace,
  }
}
