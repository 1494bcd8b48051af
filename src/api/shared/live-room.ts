import {
  ChatError,
  endsMembership,
  type FeedRoom,
  type RoomEvent,
  type Seq,
  type UserId,
} from '../../core/index.ts'
import type { Codec, Connection, RoomLabel, Server } from '../../server/index.ts'

/** What a client is shown before the stream. */
export interface Backfill {
  /** The number up to which it has everything then. */
  readonly head: Seq
  /** Still to be sent; a long past may have been sent on the way already. */
  readonly frames: readonly string[]
}

/**
 * One socket in one room: backfill, then cut-over, then stream. What is sent between the backfill and the stream arrives
 * once and in order, and a removal from the room that happens meanwhile is not missed.
 */
export class LiveRoom {
  readonly #server: Pick<Server, 'chat' | 'broadcast' | 'log'>
  readonly #connection: Connection
  readonly #room: RoomLabel
  readonly #codec: Codec
  #tracked: FeedRoom | null = null
  #joined = false
  #present = false

  constructor(
    server: Pick<Server, 'chat' | 'broadcast' | 'log'>,
    connection: Connection,
    room: RoomLabel,
    codec: Codec,
  ) {
    this.#server = server
    this.#connection = connection
    this.#room = room
    this.#codec = codec
  }

  /** @param backfill reads what the contract shows first */
  start(backfill: () => Promise<Backfill>): void {
    this.#run(backfill).catch((error: unknown) => {
      if (!this.#connection.alive) return
      if (error instanceof ChatError && !error.retryable) {
        this.#connection.close(CLOSE_NOT_ALLOWED, 'no longer there')
        return
      }
      this.#server.log.warn({ err: error, room: this.#room.id }, 'a socket could not be brought up to date')
      this.#connection.close(CLOSE_TRY_AGAIN, 'try again later')
    })
  }

  /** The connection has closed. */
  stop(): void {
    const { broadcast, chat } = this.#server
    if (this.#joined) broadcast.leave(this.#connection, this.#room, this.#codec)
    if (this.#tracked !== null) chat.feed.unfollow(this.#tracked)
    this.#tracked = null
    this.#joined = false
    if (this.#present) this.#depart()
    this.#present = false
  }

  async #run(backfill: () => Promise<Backfill>): Promise<void> {
    const { chat, broadcast } = this.#server
    const connection = this.#connection
    const tracked = chat.feed.follow(this.#room.id)
    this.#tracked = tracked
    await tracked.opened()
    const { head, frames } = await backfill()
    // Only now, with the room followed and the past read: whoever is removed from here on is told by the feed, whoever was
    // before by this, and sees nothing of what was read for them.
    const standing = await chat.rooms.standing({ id: this.#room.id }, connection.user.id)
    if (standing.role === null) {
      connection.close(CLOSE_NOT_ALLOWED, 'not a member of this room')
      return
    }
    await connection.sendAll(frames)
    await connection.drained()
    if (!connection.alive) return
    await this.#arrive()
    await chat.cutOver(tracked, head, {
      page: async (events) => {
        await connection.sendAll(this.#frames(events))
        this.#delivered(events)
      },
      show: (events) => {
        for (const frame of this.#frames(events)) connection.send(frame)
        this.#delivered(events)
      },
      attach: () => {
        broadcast.join(connection, this.#room, this.#codec)
        this.#joined = true
      },
      alive: () => connection.alive,
    })
  }

  /** The frames up to the connection's own removal, if that is among the events: what comes after it is not for them. */
  #frames(events: readonly RoomEvent[]): string[] {
    const end = events.findIndex((event) => isRemoval(event, this.#connection.user.id))
    const own = end === -1 ? events : events.slice(0, end + 1)
    return own.flatMap((event) => this.#codec.event(event, this.#room) ?? [])
  }

  #delivered(events: readonly RoomEvent[]): void {
    const { alive, session, user } = this.#connection
    if (!alive) return
    if (events.some((event) => isRemoval(event, user.id))) {
      session.removedFrom(this.#room.id)
      return
    }
    const last = events.at(-1)
    if (last !== undefined) session.delivered?.(this.#room.id, last.seq)
  }

  async #arrive(): Promise<void> {
    const { presence, signals } = this.#server.chat
    const first = await presence.enter(this.#room.id, this.#connection.user.id)
    if (!this.#connection.alive) {
      await presence.leave(this.#room.id, this.#connection.user.id)
      return
    }
    this.#present = true
    // Before this socket hears the room: the newcomer is not told of their own coming.
    if (first)
      signals.publish({ type: 'arrived', roomId: this.#room.id, user: this.#connection.user, at: new Date() })
  }

  #depart(): void {
    const { presence, signals } = this.#server.chat
    const { user } = this.#connection
    presence.leave(this.#room.id, user.id).then(
      (last) => {
        if (last) signals.publish({ type: 'departed', roomId: this.#room.id, user, at: new Date() })
      },
      (error: unknown) => this.#server.log.warn({ err: error }, 'a departure could not be told'),
    )
  }
}

function isRemoval(event: RoomEvent, user: UserId): boolean {
  return event.type === 'member' && endsMembership(event) && event.user.id === user
}

/** 1008, policy violation: coming back changes nothing. */
export const CLOSE_NOT_ALLOWED = 1008
/** 1013, try again later. */
export const CLOSE_TRY_AGAIN = 1013
