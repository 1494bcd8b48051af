import type { RoomId, Seq, Signal, UserRef } from '../../core/index.ts'
import type { AuthSession } from '../identity/index.ts'

/**
 * What a contract does with one socket. Called in order and never concurrently; must be synchronous: an asynchronous
 * handler would run beside itself, and nothing holds the next frame back meanwhile.
 */
export interface Session {
  opened(): void
  text(frame: string): void
  /** A binary frame; contracts that have none answer with an error. */
  binary(): void
  /** Once, after which nothing can be sent. */
  closed(): void
  /**
   * The user is no longer a member of a room, as of what was sent just before, or the room is gone.
   * @param at the number at which they left; null for a room that is gone
   */
  removedFrom(room: RoomId, reason: 'left' | 'room_deleted', at: Seq | null): void
  /** The room's messages up to a number have been sent to this connection; for those who joined as watchers. */
  delivered?(room: RoomId, upTo: Seq): void
  /** Something that concerns the connection's user, whatever rooms it hears. */
  signal?(signal: Signal): void
  /** Every so often while it is open. */
  beat?(): void
  /** The server stops; the connection is closed next. @param delayMs after which this client is to come back */
  goingAway?(delayMs: number): void
}

/** Whose connection it is. */
export interface Speaker {
  readonly user: UserRef
  /** The sign-in that it was opened by; null if it was opened without one. */
  readonly session: AuthSession | null
  /** Milliseconds until that expires, and the connection ends with it; null for never. */
  readonly expiresInMs: number | null
  /** Somebody with a made-up name, gone with the connection: nobody is told that they are online. */
  readonly guest?: true
}
