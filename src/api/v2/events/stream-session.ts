import type { RoomId, Seq, Signal } from '../../../core/index.ts'
import type { Session } from '../../../server/index.ts'
import { tellMembershipHead, tellMemberships } from '../socket/memberships.ts'
import type { Peer } from '../socket/peer.ts'
import { V2Session } from '../socket/session.ts'
import type { StreamPosition } from './stream-position.ts'

export interface StreamWanted {
  /** null for all rooms that the user is a member of, as they come and go. */
  readonly rooms: readonly RoomId[] | null
  /** What the client has already. A room without a number begins with a snapshot. */
  readonly position: Partial<StreamPosition>
  /** Up to where the client has what the user keeps privately; without it, nothing is told of that. */
  readonly privateAfter?: Seq
  /** The most messages in a snapshot. */
  readonly limit: number
}

/** What one kind of stream does besides sending frames. */
export interface StreamHooks {
  /** All rooms that were wanted are live, or are not to be. */
  begun(): void
  /** Rooms or memberships have come further. */
  moved(): void
  goingAway(delayMs: number): void
  closed(): void
}

/** 1013, try again later. */
const CLOSE_TRY_AGAIN = 1013
/** Rooms in a page of the user's. */
const PAGE = 200
/** The id of the result that tells of the user's memberships. */
const MEMBERSHIPS_ID = 'memberships'

/** A session whose requests are all made when it begins, by the server in the client's place. The rest is that of a socket. */
export class StreamSession implements Session {
  readonly #peer: Peer
  readonly #inner: V2Session
  readonly #wanted: StreamWanted
  readonly #hooks: StreamHooks
  #isCatchingUp = false

  constructor(peer: Peer, wanted: StreamWanted, hooks: (session: StreamSession) => StreamHooks) {
    this.#peer = peer
    this.#inner = new V2Session(peer)
    this.#wanted = wanted
    this.#hooks = hooks(this)
  }

  /** Where the client is after what was sent so far. Only once the stream has begun. */
  get position(): StreamPosition {
    return {
      epoch: this.#peer.server.chat.history.mark(),
      memberships: this.#peer.membershipsTold,
      rooms: new Map(this.#inner.positions()),
    }
  }

  opened(): void {
    this.#inner.opened()
    this.#begin().catch((error: unknown) => {
      const { connection, server } = this.#peer
      if (!connection.alive) return
      server.log.warn({ err: error }, 'a stream could not begin; it is closed so that the client reconnects')
      connection.close(CLOSE_TRY_AGAIN, 'try again later')
    })
  }

  text(): void {
    // The client sends nothing here.
  }

  binary(): void {
    // The client sends nothing here.
  }

  closed(): void {
    this.#inner.closed()
    this.#hooks.closed()
  }

  removedFrom(room: RoomId, reason: 'left' | 'room_deleted', at: Seq | null): void {
    this.#inner.removedFrom(room, reason, at)
    this.#hooks.moved()
  }

  delivered(): void {
    this.#hooks.moved()
  }

  signal(signal: Signal): void {
    this.#inner.signal(signal)
    if (signal.type !== 'membership') return
    if (this.#wanted.rooms === null && signal.role !== null) void this.#enter(signal.roomId)
    this.#hooks.moved()
  }

  countsMemberships(): boolean {
    return this.#inner.countsMemberships()
  }

  membershipsAt(head: Seq): void {
    const { membershipsTold } = this.#peer
    if (this.#wanted.rooms !== null) this.#inner.membershipsAt(head)
    else if (membershipsTold !== null && head > membershipsTold) void this.#catchUp(membershipsTold)
  }

  followsPrivate(): boolean {
    return this.#inner.followsPrivate()
  }

  privateAt(head: Seq): void {
    this.#inner.privateAt(head)
  }

  beat(): void {
    this.#inner.beat()
  }

  goingAway(delayMs: number): void {
    this.#inner.goingAway(delayMs)
    this.#hooks.goingAway(delayMs)
  }

  async #begin(): Promise<void> {
    const { rooms, position, privateAfter } = this.#wanted
    if (privateAfter !== undefined) this.#inner.followPrivate(privateAfter)
    if (rooms === null) await this.#tellMemberships(position.memberships ?? undefined, position.epoch)
    else await this.#compareMemberships()
    const those = rooms ?? (await this.#allRooms())
    await Promise.all(those.map((room) => this.#enter(room)))
    if (!this.#peer.connection.alive) return
    this.#hooks.begun()
  }

  /** Tells a client that knows its memberships up to a number whether there are more. */
  async #compareMemberships(): Promise<void> {
    const { memberships } = this.#wanted.position
    if (typeof memberships !== 'number') return
    const { connection, server } = this.#peer
    this.#peer.membershipsTold = memberships
    const { head } = await server.chat.membership.changes(connection.user.id, null, 1)
    tellMembershipHead(this.#peer, head)
  }

  async #tellMemberships(from: Seq | undefined, epoch: string | undefined): Promise<RoomId[]> {
    const joined: RoomId[] = []
    let after = from
    for (;;) {
      const asked = { type: 'memberships', id: MEMBERSHIPS_ID, ...given({ after, epoch }) } as const
      const { changes, upTo, head, reset } = await tellMemberships(this.#peer, asked)
      for (const { roomId, role } of changes) if (role !== null) joined.push(roomId)
      if (reset || upTo >= head || !this.#peer.connection.alive) return joined
      after = upTo
    }
  }

  /** What other nodes changed may not have been told here. */
  async #catchUp(told: Seq): Promise<void> {
    if (this.#isCatchingUp) return
    this.#isCatchingUp = true
    try {
      for (const room of await this.#tellMemberships(told, undefined)) void this.#enter(room)
      this.#hooks.moved()
    } catch (error) {
      // Memberships are compared again soon.
      this.#peer.server.log.debug({ err: error }, 'the memberships of a stream could not be read')
    }
    this.#isCatchingUp = false
  }

  async #allRooms(): Promise<RoomId[]> {
    const { connection, server } = this.#peer
    const rooms: RoomId[] = []
    for (let after = 0; connection.alive; after = rooms.at(-1) ?? after) {
      const page = await server.chat.rooms.views(connection.user.id, 'joined', { after, limit: PAGE })
      rooms.push(...page.map(({ room }) => room.id))
      if (page.length < PAGE) break
    }
    return rooms
  }

  async #enter(room: RoomId): Promise<void> {
    if (this.#inner.isSubscribed(room) || !this.#peer.connection.alive) return
    const { position, limit } = this.#wanted
    const { epoch } = position
    await this.#inner.subscribe({ id: room, room, after: position.rooms?.get(room), epoch, limit })
  }
}

/** Leaves out what is undefined. */
function given<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> }
function given(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}
