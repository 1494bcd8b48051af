import type { Sql } from 'postgres'

export interface Renewable {
  /** The client, whichever it is by now. */
  readonly sql: Sql
  /** Goes on with a new client; the old one may finish what it can. At most once in so many milliseconds. */
  renew(): void
  /** The same, however short the time since the last one. */
  replace(): void
}

/** What the old client's statements have left to finish, in seconds. */
const FINISH_SECONDS = 5

/**
 * A client that can be replaced under whoever holds it. A connection whose other end is gone without a word (a host lost its
 * power, a firewall forgot it) takes statements until the kernel gives it up, a quarter of an hour later. Nothing tells but a
 * statement that is not answered long after the server would have cancelled it.
 *
 * @param pauseMs the least time between two renewals: a server that stands still is no reason for many clients
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
    // As `drizzle` has changed them meanwhile: the new client is to read and write alike.
    Object.assign(current.options.parsers, old.options.parsers)
    Object.assign(current.options.serializers, old.options.serializers)
    // What it could not finish has failed for whoever waited for it.
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
