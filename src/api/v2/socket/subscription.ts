import {
  ChatError,
  type FollowedRoom,
  type Message,
  mostTextOf,
  type RoomId,
  type Seq,
  type Timer,
} from '../../../core/index.ts'
import { type Backfill, LiveRoom, type LiveRoomHooks } from '../../../server/index.ts'
import type { RequestId, Subscribed, UnsubscribedFrame } from '../wire/index.ts'
import type { Allowance } from './allowance.ts'
import { frame } from './codec.ts'
import type { Peer } from './peer.ts'
import { fromSnapshot, resumed, type Start, type SubscriptionWanted } from './subscription-start.ts'
import { mostStateText, readState } from './subscription-state.ts'

export interface SubscriptionOwner {
  /** The characters of messages that may be read for the client and not be sent yet, over all its rooms. */
  readonly messages: Allowance
  /** The same for the states of rooms. */
  readonly states: Allowance
  /** Called when the subscription ends by itself. */
  ended(room: RoomId, subscription: Subscription): void
}

const RETRY_MS = 2000

/** The subscription of one connection to one room, from the request to its end. */
export class Subscription implements LiveRoomHooks {
  readonly #peer: Peer
  readonly #owner: SubscriptionOwner
  readonly #room: RoomId
  readonly #live: LiveRoom
  /** The id of the request that made the subscription, until it gets its response. */
  #asked: RequestId | null
  #tracked: FollowedRoom | null = null
  /** What it has taken of the owner's allowance for messages. */
  #held = 0
  #members = 0
  #ended = false
  #toldHead = 0
  #retry: Timer | null = null
  #settle: (() => void) | null = null

  constructor(peer: Peer, { id, room }: SubscriptionWanted, owner: SubscriptionOwner) {
    this.#peer = peer
    this.#owner = owner
    this.#room = room
    this.#asked = id
    this.#live = new LiveRoom(peer.server, peer.connection, { id: room, name: '' }, peer.codec, this)
  }

  /** Whether the user is known to be a member. Until then, others must not see them in the room. */
  get admitted(): boolean {
    return this.#asked === null && !this.#ended
  }

  /** @param wanted what the client requested. Resolves once the room is live and its state was sent or could not be read, or the subscription has ended */
  start(wanted: SubscriptionWanted): Promise<void> {
    if (this.#ended) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#settle = resolve
    this.#live.start((tracked) => this.#backfill(wanted, tracked))
    return promise
  }

  /** The client has unsubscribed or disconnected. */
  stop(): void {
    this.#end(
      new ChatError(
        'conflict',
        'The room was unsubscribed, or subscribed to again, before this request was done',
      ),
    )
  }

  /** The request is refused because too many wait. */
  refuse(error: ChatError): void {
    this.#end(error)
    this.#owner.ended(this.#room, this)
  }

  /** The user's membership has ended at a number. @returns whether that ends this subscription; the user may have joined again since */
  ends(at: Seq): boolean {
    return this.#live.ends(at)
  }

  /** Ends the subscription by the server. */
  cancel(reason: UnsubscribedFrame['reason']): void {
    if (this.#ended) return
    const { admitted } = this
    this.#end(new ChatError('not_found', 'Room not found'))
    if (admitted) this.#peer.connection.send(frame({ type: 'unsubscribed', room: this.#room, reason }))
    this.#owner.ended(this.#room, this)
  }

  /** Whether the user is typing in the room. */
  type(typing: boolean): void {
    this.#live.type(typing)
  }

  /** The number up to which the room was sent; null until it is live. */
  get position(): Seq | null {
    return this.#live.position
  }

  /** Returns the last number sent, if it has moved since the last call. */
  newHead(): Seq | null {
    const { position } = this.#live
    if (position === null || position <= this.#toldHead) return null
    this.#toldHead = position
    return position
  }

  /** @internal for the room */
  live(at: Seq): void {
    this.#peer.connection.send(frame({ type: 'live', room: this.#room, seq: at }))
    this.#release()
    void this.#tellState()
  }

  /** @internal for the room */
  failed(error: unknown): void {
    if (this.#ended) return
    const passing = !(error instanceof ChatError) || error.retryable
    if (passing) this.#peer.server.log.warn({ err: error, room: this.#room }, 'a subscription failed')
    if (this.admitted) {
      this.cancel(passing ? 'try_again' : 'left')
      return
    }
    this.#end(error)
    this.#owner.ended(this.#room, this)
  }

  async #backfill(wanted: SubscriptionWanted, tracked: FollowedRoom): Promise<Backfill> {
    this.#tracked = tracked
    const start = await this.#begin(wanted, tracked)
    this.#members = start.member.room.memberCount
    return start
  }

  async #begin(wanted: SubscriptionWanted, tracked: FollowedRoom): Promise<Start> {
    const { server, options, connection } = this.#peer
    const { id } = connection.user
    const now = (message: Message) => tracked.now(message)
    const hold = (text: number) => this.#hold(text)
    const resume = await resumed(server.chat, tracked, id, wanted, options, hold)
    if (typeof resume === 'object') {
      this.#respond(resume.response(now))
      return resume
    }
    await hold(mostTextOf(wanted.limit + 1, options.maxMessageLength))
    for (;;) {
      const start = await fromSnapshot(server.chat, tracked, wanted, id, resume === 'rewritten')
      let known = true
      await connection.whenDrained(() => {
        // While the page waited, more may have changed than the room remembers. Then the page is read again.
        known = tracked.knows(start.head)
        if (known) this.#respond(start.response(now))
      })
      if (known) return start
    }
  }

  /** Before the rest of the backlog, and only for a member. */
  #respond(data: Omit<Subscribed, 'room'>): void {
    if (this.#ended || this.#asked === null) return
    const id = this.#asked
    this.#asked = null
    this.#peer.result(id, { room: this.#room, ...data })
  }

  /** Retries until it succeeds or the subscription ends. Never rejects. */
  async #tellState(): Promise<void> {
    const { server, options } = this.#peer
    try {
      await this.#sendState()
    } catch (error) {
      if (this.#ended) return
      server.log.debug({ err: error, room: this.#room }, 'the state of a room could not be read')
      const pause = RETRY_MS * (0.5 + Math.random())
      this.#retry = options.clock.after(pause, () => void this.#tellState())
    }
    this.#settled()
  }

  /**
   * Reads it after the room is live, so that no mark is lost between the state and the stream, and only when the client can take it:
   * a state that waited would be older than the marks that were sent meanwhile.
   */
  async #sendState(): Promise<void> {
    const { server, connection } = this.#peer
    const { states } = this.#owner
    const share = await states.take(mostStateText(this.#members, server.chat.rooms.listLimit))
    try {
      await connection.drained()
      if (this.#ended) return
      const { head, text } = await readState(server.chat, this.#room, connection.user.id)
      await this.#tracked?.reached(head)
      if (!this.#ended) connection.send(text)
    } finally {
      states.give(share)
    }
  }

  async #hold(text: number): Promise<void> {
    this.#held = await this.#owner.messages.take(text)
    if (this.#ended) this.#release()
  }

  #release(): void {
    if (this.#held > 0) this.#owner.messages.give(this.#held)
    this.#held = 0
  }

  #end(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#retry?.cancel()
    this.#live.stop()
    this.#release()
    if (this.#asked !== null) this.#peer.refuse(this.#asked, error)
    this.#settled()
  }

  #settled(): void {
    this.#settle?.()
    this.#settle = null
  }
}
