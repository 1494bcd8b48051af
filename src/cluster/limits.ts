import type { LimitScope, Taken } from '../core/index.ts'

export interface LimiterOptions {
  /** Requests per minute and client address. */
  readonly requestsPerMinute: number
  /** Wrong passwords per minute and account; an address has three times as many. */
  readonly loginsPerMinute: number
  /** New accounts per minute and client address. */
  readonly registrationsPerMinute: number
  /** New guests per minute and client address. */
  readonly guestsPerMinute: number
  /** Searches in messages per minute and user. */
  readonly searchesPerMinute: number
}

/** The length of a window in milliseconds. A window begins when a key takes its first. */
export const WINDOW_MS = 60_000

/** Returns how many a key may take in a window. */
export function limitsOf(options: LimiterOptions): Readonly<Record<LimitScope, number>> {
  const { requestsPerMinute, loginsPerMinute, registrationsPerMinute, guestsPerMinute, searchesPerMinute } =
    options
  return {
    request_address: requestsPerMinute,
    sign_in_address: requestsPerMinute * 10,
    login_account: loginsPerMinute,
    login_address: loginsPerMinute * 3,
    login_known: loginsPerMinute,
    password_change: loginsPerMinute,
    register_address: registrationsPerMinute,
    guest_address: guestsPerMinute,
    search_user: searchesPerMinute,
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
