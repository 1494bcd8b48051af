import { strangerError } from '../access.ts'
import { type CatchingUp, cutOver, type Feed, type FeedRoom, type FollowedRoom } from '../feed/index.ts'
import { type AccessFacts, type RoomId, type Seq, START, type UserRef } from '../model.ts'
import type { Clock, MessageLog, RoomPresence, Signals } from '../ports.ts'
import type { Rooms } from '../rooms/index.ts'
import { type Voice, voiceOf } from '../voice.ts'
import { Typing } from './typing.ts'

/** What all visits share. */
export interface VisitDeps {
  readonly feed: Feed
  readonly rooms: Pick<Rooms, 'accessFacts'>
  /** For pages between what a visitor has and what is live. */
  readonly log: Pick<MessageLog, 'changes'>
  readonly roomPresence: RoomPresence
  readonly signals: Signals
  readonly clock: Clock
}

/**
 * One connection of a user in one room, from the moment it enters to its end. Call in this order: `opened`; after that the past
 * may be read and shown; `findMember` or `admit`, `arrive`, `cutOver`; `leave` at any time.
 */
export class Visit {
  readonly #deps: VisitDeps
  readonly #user: UserRef
  readonly #room: FeedRoom
  /** Made when the user types: most never do. */
  #typing: Typing | null = null
  /** The user's when they were let in, and the room's number then; null before that. */
  #voice: Voice | null = null
  #admittedAt: Seq = START
  #present = false
  #left = false

  constructor(deps: VisitDeps, room: RoomId, user: UserRef) {
    this.#deps = deps
    this.#user = user
    this.#room = deps.feed.follow(room)
  }

  /** The room as it is delivered on this node. */
  get room(): FollowedRoom {
    return this.#room
  }

  /** Resolves once the room's position is known. @throws ChatError `not_found`, `unavailable` */
  opened(): Promise<void> {
    return this.#room.opened()
  }

  /**
   * Returns the room's number at which the user was found to be a member. Call it once the past has been read: a member who is
   * removed after that number is told by the room itself. @throws ChatError `forbidden`, `not_found`
   */
  async findMember(): Promise<Seq> {
    return this.admit(await this.#deps.rooms.accessFacts({ id: this.#room.id }, this.#user.id))
  }

  /** The same with facts that were read along with the past. @throws ChatError `forbidden` */
  admit(access: AccessFacts): Seq {
    if (access.role === null) throw strangerError(access)
    this.#voice = voiceOf(access)
    this.#admittedAt = access.room.lastSeq
    return this.#admittedAt
  }

  /** The user is in the room from now on. If they were not, its visitors are told, except those that are not live yet. */
  async arrive(): Promise<void> {
    const { roomPresence, signals } = this.#deps
    const [roomId, user] = [this.#room.id, this.#user]
    const first = await roomPresence.enter(roomId, user.id)
    if (this.#left) {
      await roomPresence.leave(roomId, user.id)
      return
    }
    this.#present = true
    if (first) signals.publish({ type: 'arrived', roomId, user, at: new Date() })
  }

  /** Goes from what the visitor has up to `from` over to what is live; see `cutOver`. */
  cutOver(from: Seq, reader: CatchingUp): Promise<boolean> {
    return cutOver(this.#room, from, this.#deps.log, reader)
  }

  /** The user types, or does not any more. Nothing comes of it for a member who may not speak. It also ends by itself when it is not said again, and with the visit. */
  type(typing: boolean): void {
    if (this.#left) return
    if (typing) {
      if (this.#voice === null || this.#room.voices.silences(this.#user.id, this.#voice, this.#admittedAt))
        return
      const { signals, clock } = this.#deps
      this.#typing ??= new Typing(signals, clock, this.#room.id, this.#user)
      this.#typing.start()
    } else {
      this.#typing?.stop()
    }
  }

  /**
   * Ends the visit at once; it may have ended before. The visitor must not hear the room any more: the end of their own typing is
   * not for them. Resolves once the others can be told that the user has gone. @throws ChatError `unavailable` if they cannot
   */
  async leave(): Promise<void> {
    if (this.#left) return
    this.#left = true
    const { feed, roomPresence, signals } = this.#deps
    const [roomId, user] = [this.#room.id, this.#user]
    feed.unfollow(this.#room)
    this.#typing?.stop()
    if (!this.#present) return
    const last = await roomPresence.leave(roomId, user.id)
    if (last) signals.publish({ type: 'departed', roomId, user, at: new Date() })
  }
}
