import {
  type AccessFacts,
  type Changes,
  type Chat,
  ChatError,
  endsMembership,
  type FollowedRoom,
  type Message,
  notMember,
  type Recent,
  type RoomEvent,
  type Seq,
  START,
  type Visit,
} from '../../core/index.ts'
import type { Logger } from '../observe/index.ts'
import type { Topic } from './audience.ts'
import type { Broadcast } from './broadcast.ts'
import type { Codec, RoomLabel } from './codec.ts'
import type { Connection } from './connection.ts'
import { frameOf, type Part, partsOf } from './room-parts.ts'
import { sendAll } from './send-all.ts'

/** What a socket in a room needs of the server. */
export interface RoomTransport {
  readonly chat: Chat
  readonly broadcast: Broadcast
  readonly log: Logger
}

/** What a client is shown before the stream. */
export interface Backfill {
  /** The number up to which it has everything then. */
  readonly head: Seq
  /** What is still to be sent, made when it is; a long past may have been sent on the way already. */
  readonly frame?: (now: (message: Message) => Message) => string
  /** Why the user is let in, where that was read along. */
  readonly member?: AccessFacts
}

/** What a contract does besides showing what the codec makes of the stream. */
export interface LiveRoomHooks {
  /** The room is live, in the same tick: what has happened up to the number has been sent. */
  live?(at: Seq): void
  /** It could not be brought up to date, and has stopped; without this the connection is closed. */
  failed?(error: unknown): void
}

/**
 * One socket in one room: backfill, then cut-over, then stream. What is sent between the backfill and the stream arrives
 * once and in order, and a removal from the room that happens meanwhile is not missed.
 */
export class LiveRoom {
  readonly #server: RoomTransport
  readonly #connection: Connection
  readonly #room: RoomLabel
  readonly #codec: Codec
  /** From the start to the end. */
  #visit: Visit | null = null
  /** What the connection is subscribed to; null while the stream has not begun. */
  #topic: Topic | null = null
  #stopped = false
  /** The number at which the user was found to be a member; null while that is not known. */
  #memberAt: Seq | null = null
  /** The last number that is known to have ended the user's membership. */
  #removedAt: Seq = START
  readonly #hooks: LiveRoomHooks

  constructor(
    server: RoomTransport,
    connection: Connection,
    room: RoomLabel,
    codec: Codec,
    hooks: LiveRoomHooks = {},
  ) {
    this.#server = server
    this.#connection = connection
    this.#room = room
    this.#codec = codec
    this.#hooks = hooks
  }

  /** The number up to which the stream has been sent; null while it has not begun. */
  get position(): Seq | null {
    return this.#topic !== null && this.#visit !== null ? this.#visit.room.position : null
  }

  /**
   * The user's membership has ended at a number.
   * @returns whether this is the end here: not while the user is yet to be found a member, nor for one who was found so after it
   */
  ends(at: Seq): boolean {
    if (at > this.#removedAt) this.#removedAt = at
    return this.#memberAt !== null && at > this.#memberAt
  }

  /** @param backfill reads what the contract shows first; the room is followed already */
  start(backfill: (room: FollowedRoom) => Promise<Backfill>): void {
    this.#run(backfill).catch((error: unknown) => {
      if (!this.#alive()) return
      if (this.#hooks.failed !== undefined) {
        this.stop()
        this.#hooks.failed(error)
        return
      }
      if (error instanceof ChatError && !error.retryable) {
        this.#connection.close(CLOSE_NOT_ALLOWED, error.message)
        return
      }
      this.#server.log.warn(
        { err: error, room: this.#room.id },
        'a socket could not catch up with its room; it is closed so that the client reconnects',
      )
      this.#connection.close(CLOSE_TRY_AGAIN, 'try again later')
    })
  }

  /** The connection has closed, or does not want the room any more. */
  stop(): void {
    const { broadcast, log } = this.#server
    this.#stopped = true
    if (this.#topic !== null) broadcast.leave(this.#connection, this.#room.id, this.#codec, this.#topic)
    this.#topic = null
    this.#visit
      ?.leave()
      .catch((error: unknown) => log.warn({ err: error }, 'a departure from a room could not be announced'))
    this.#visit = null
  }

  /** Whether the user types there. Nothing comes of it before the start and after the end. */
  type(typing: boolean): void {
    this.#visit?.type(typing)
  }

  #alive(): boolean {
    return this.#connection.alive && !this.#stopped
  }

  async #run(backfill: (room: FollowedRoom) => Promise<Backfill>): Promise<void> {
    const { chat, broadcast } = this.#server
    const connection = this.#connection
    const visit = chat.visits.enter(this.#room.id, connection.user)
    this.#visit = visit
    await visit.opened()
    const head = await this.#showPast(visit, backfill)
    if (!this.#alive()) return
    // Before this socket hears the room: the newcomer is not told of their own coming.
    await visit.arrive()
    const arrived = await visit.cutOver(head, {
      page: (changes, after) => this.#showPage(visit.room, changes, after),
      isFull: () => connection.isFull,
      drained: () => connection.drained(),
      show: (recent) => {
        const parts = this.#partsOf(recent)
        connection.sendTogether(parts.flatMap((part) => frameOf(part, this.#codec, this.#room) ?? []))
        this.#delivered(parts)
      },
      attach: () => {
        // What was shown last may have been the end.
        if (!this.#alive()) return
        this.#topic = broadcast.join(connection, this.#room, this.#codec)
        this.#hooks.live?.(visit.room.position)
      },
      alive: () => this.#alive(),
    })
    if (!arrived && this.#alive()) throw new ChatError('not_found', 'Room not found')
  }

  /** Shows what comes before the stream. @returns the number up to which that leads */
  async #showPast(visit: Visit, backfill: (room: FollowedRoom) => Promise<Backfill>): Promise<Seq> {
    const { room } = visit
    for (;;) {
      const { head, frame, member } = await backfill(room)
      // Only now, with the room followed and the past read: a member who is removed from here on is told by the feed; one who was
      // removed before is found here, and sees nothing of what was read for them.
      this.#memberAt = member === undefined ? await visit.findMember() : visit.admit(member)
      // What the database had by then has happened here, too: nothing is shown that was changed before it was asked for.
      await room.reached(this.#memberAt)
      if (this.#removedAt > this.#memberAt) throw notMember()
      if (!this.#alive() || frame === undefined) return head
      const one = [frame]
      const fresh = () => this.#alive() && room.knows(head)
      const sent = await sendAll(this.#connection, one, (make) => make((m) => room.now(m)), fresh)
      if (sent > 0 || !this.#alive()) return head
    }
  }

  /** @returns the number up to which it was shown */
  async #showPage(room: FollowedRoom, { events, head, readAt }: Changes, after: Seq): Promise<Seq> {
    const parts = this.#partsOf({ events, stretch: { after, to: head } })
    const sent = await sendAll(
      this.#connection,
      parts,
      (part) => frameOf(part, this.#codec, this.#room, (message) => room.now(message)),
      // While it waits for its turn the room may be left, and more be changed than the room's memory holds.
      () => this.#alive() && room.knows(readAt),
    )
    const shown = parts.slice(0, sent)
    this.#delivered(shown)
    return sent === parts.length ? head : (shown.at(-1)?.to ?? after)
  }

  /** Up to the connection's own removal, if that is in it: what comes after it is not for them. */
  #partsOf(recent: Recent): Part[] {
    return partsOf(recent, this.#codec, (event) => this.#isRemoval(event))
  }

  #delivered(parts: readonly Part[]): void {
    const { session } = this.#connection
    const last = parts.at(-1)
    if (last === undefined || !this.#alive()) return
    const removal = last.events.find((event) => this.#isRemoval(event))
    if (removal === undefined) session.delivered?.(this.#room.id, last.to)
    else session.removedFrom(this.#room.id, 'left', removal.seq)
  }

  /** Whether it ends the membership that the user was found to have: one who came back has earlier ends behind them. */
  #isRemoval(event: RoomEvent): boolean {
    if (!endsMembership(event) || event.user.id !== this.#connection.user.id) return false
    return event.seq > (this.#memberAt ?? START)
  }
}

/** 1008, policy violation: coming back changes nothing. */
export const CLOSE_NOT_ALLOWED = 1008
/** 1013, try again later. */
export const CLOSE_TRY_AGAIN = 1013
