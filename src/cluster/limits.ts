import type { LimitScope, Taken } from '../core/index.ts'

export interface LimiterOptions {
  /** Requests a minute and client address. */
  readonly requestsPerMinute: number
  /** Wrong passwords a minute and account; an address has three times that. */
  readonly loginsPerMinute: number
  /** New accounts a minute and client address. */
  readonly registrationsPerMinute: number
  /** New guests a minute and client address. */
  readonly guestsPerMinute: number
}

/** A window begins with the first that is taken in it, and lasts so many milliseconds. */
export const WINDOW_MS = 60_000

/** How many a key may take in a window. */
export function limitsOf(options: LimiterOptions): Readonly<Record<LimitScope, number>> {
  const { requestsPerMinute, loginsPerMinute, registrationsPerMinute, guestsPerMinute } = options
  return {
    request_address: requestsPerMinute,
    login_account: loginsPerMinute,
    login_address: loginsPerMinute * 3,
    login_known: loginsPerMinute,
    password_change: loginsPerMinute,
    register_address: registrationsPerMinute,
    guest_address: guestsPerMinute,
  }
}

/**
 * @param count how many have been taken in the window; null if the next one was refused
 * @param resetMs milliseconds until the window is over
 */
export function taken(limit: number, count: number | null, resetMs: number): Taken {
  const wait = Math.max(1, Math.ceil(resetMs))
  if (count === null) return { waitMs: wait, limit, left: 0, resetMs: wait }
  return { waitMs: 0, limit, left: Math.max(0, limit - count), resetMs: wait }
}
