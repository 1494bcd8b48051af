import type { RoomId, Seq, Signal, UserRef } from '../../core/index.ts'
import type { AuthSession } from '../identity/index.ts'

/**
 * What a contract does with one socket. Its methods are called in order and never concurrently. They must be synchronous: the next
 * frame would not wait for an asynchronous one.
 */
export interface Session {
  opened(): void
  text(frame: string): void
  /** A binary frame has arrived. Contracts that know none answer with an error. */
  binary(): void
  /** Called once, last. Nothing can be sent any more. */
  closed(): void
  /**
   * The user is no longer a member of a room, or the room is deleted. Everything up to that has been sent.
   * @param at the number of the removal; null for a deleted room
   */
  removedFrom(room: RoomId, reason: 'left' | 'room_deleted', at: Seq | null): void
  /** The room's events up to a number have been sent to this connection. */
  delivered?(room: RoomId, upTo: Seq): void
  /** A signal that concerns the connection's user has arrived, whichever rooms the connection has joined. */
  signal?(signal: Signal): void
  /** Whether the client counts the changes of its user's memberships. */
  countsMemberships?(): boolean
  /** The user's memberships have come to a number: called at intervals, if the client counts them. */
  membershipsAt?(head: Seq): void
  /** Whether the client follows what its user keeps privately. */
  followsPrivate?(): boolean
  /** What the user keeps privately has come to a number: called at intervals, if the client follows it. */
  privateAt?(head: Seq): void
  /** Called at intervals while the connection is open. */
  beat?(): void
  /** The server stops, and closes the connection next. @param delayMs after which this client should come back */
  goingAway?(delayMs: number): void
}

/** What a connection's session is replaced by when it has ended. */
export const endedSession: Session = {
  opened: nothing,
  text: nothing,
  binary: nothing,
  closed: nothing,
  removedFrom: nothing,
}

function nothing(): void {
  // The session has ended.
}

/** The user of a connection. */
export interface Speaker {
  readonly user: UserRef
  /** The sign-in that it was opened by; null if it was opened without one. */
  readonly session: AuthSession | null
  /** Milliseconds until that expires, and the connection ends with it; null for never. */
  readonly expiresInMs: number | null
  /** A guest has a made-up name until the connection closes; nobody is told that they are online. */
  readonly guest?: true
}
