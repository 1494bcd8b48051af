import type { LinkState, Stopped } from './link/index.ts'
import type { UserRef } from './wire.ts'

/**
 * `offline`: not connected, and waiting before the next attempt, or told to stay so. `connecting`: an attempt is under way.
 * `catching_up`: connected, and at least one open room is not live yet. `live`: everything that is open is. `stopped`: no
 * further attempt without the application's doing.
 */
export type Status = 'offline' | 'connecting' | 'catching_up' | 'live' | 'stopped'

/** The client at one moment. Never changed: another moment is another object. */
export interface ClientSnapshot {
  readonly status: Status
  /** Who is signed in: the one that the server has named last. */
  readonly user: UserRef | null
  /** Why the client has stopped. */
  readonly stopped: Stopped | null
  /** Messages that the server does not have yet. */
  readonly unsent: number
}

export function clientSnapshot(
  before: ClientSnapshot,
  link: LinkState,
  isLive: () => boolean,
  unsent: number,
): ClientSnapshot {
  const user = link.phase !== 'ready' ? before.user : link.user
  const stopped = link.phase === 'stopped' ? link.stopped : null
  const status = link.phase !== 'ready' ? link.phase : isLive() ? 'live' : 'catching_up'
  const isSame =
    status === before.status && user === before.user && stopped === before.stopped && unsent === before.unsent
  return isSame ? before : { status, user, stopped, unsent }
}

export const NOTHING_YET: ClientSnapshot = { status: 'offline', user: null, stopped: null, unsent: 0 }
