import type { ParleyError } from './errors.ts'
import type { LinkState, Stopped, Transport } from './link/index.ts'
import type { UserRef } from './wire.ts'

/**
 * `offline`: not connected, and waiting before the next attempt, or disconnected by the application. `connecting`: an attempt is
 * under way.
 * `catching_up`: connected, and at least one open room is not live yet. `live`: all open rooms are live. `stopped`: the
 * client does not try again by itself.
 */
export type Status = 'offline' | 'connecting' | 'catching_up' | 'live' | 'stopped'

/** The state of the client at one moment. Immutable: every change makes a new object. */
export interface ClientSnapshot {
  readonly status: Status
  /** How the client is connected; null while it is not. */
  readonly transport: Transport | null
  /** The signed-in user, as the server last reported. */
  readonly user: UserRef | null
  /** Why the client has stopped. */
  readonly stopped: Stopped | null
  /** What keeps the client from connecting, from the second attempt in vain until one succeeds. Attempts go on. */
  readonly obstacle: ParleyError | null
  /** Messages that the server does not have yet. */
  readonly unsent: number
}

export interface ClientParts {
  readonly link: LinkState
  readonly isLive: () => boolean
  readonly obstacle: ParleyError | null
  readonly unsent: number
}

/** Returns the snapshot before if nothing has changed. */
export function clientSnapshot(before: ClientSnapshot, parts: ClientParts): ClientSnapshot {
  const { link, isLive, obstacle, unsent } = parts
  const user = link.phase !== 'ready' ? before.user : link.user
  const transport = link.phase === 'ready' ? link.transport : null
  const stopped = link.phase === 'stopped' ? link.stopped : null
  const status = link.phase !== 'ready' ? link.phase : isLive() ? 'live' : 'catching_up'
  const isSame =
    status === before.status &&
    transport === before.transport &&
    user === before.user &&
    stopped === before.stopped &&
    obstacle === before.obstacle &&
    unsent === before.unsent
  return isSame ? before : { status, transport, user, stopped, obstacle, unsent }
}

export const NOTHING_YET: ClientSnapshot = {
  status: 'offline',
  transport: null,
  user: null,
  stopped: null,
  obstacle: null,
  unsent: 0,
}
