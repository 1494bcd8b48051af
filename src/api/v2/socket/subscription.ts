import {
  ChatError,
  type FollowedRoom,
  type Message,
  type RoomId,
  type Seq,
  type Timer,
} from '../../../core/index.ts'
import { type Backfill, LiveRoom, type LiveRoomHooks } from '../../../server/index.ts'
import type { RequestId, Subscribed, UnsubscribedFrame } from '../wire/index.ts'
import { frame, v2Codec } from './codec.ts'
import type { Peer } from './peer.ts'
import { fromSnapshot, resumed, type SubscriptionWanted } from './subscription-start.ts'
import { readState } from './subscription-state.ts'

export interface SubscriptionOwner {
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
  #ended = false
  #toldHead = 0
  #retry: Timer | null = null
  #settle: (() => void) | null = null

  constructor(peer: Peer, { id, room }: SubscriptionWanted, owner: SubscriptionOwner) {
    this.#peer = peer
    this.#owner = owner
    this.#room = room
    this.#asked = id
    this.#live = new LiveRoom(peer.server, peer.connection, { id: room, name: '' }, v2Codec, this)
  }

  /** Whether the user is known to be a member. Until then, others must not see them in the room. */
  get admitted(): boolean {
    return this.#asked === null && !this.#ended
  }

  /** @param wanted what the client requested. Resolves once the room is live or the subscription has ended */
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
    this.#settled()
    this.#tellState()
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
    const { server, options, connection } = this.#peer
    const { id } = connection.user
    const now = (message: Message) => tracked.now(message)
    const resume = await resumed(server.chat, tracked, id, wanted, options)
    if (typeof resume === 'object') {
      this.#respond(resume.response(now))
      return resume
    }
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

  #tellState(): void {
    this.#readState().catch((error: unknown) => {
      if (this.#ended) return
      const { server, options } = this.#peer
      server.log.debug({ err: error, room: this.#room }, 'the state of a room could not be read')
      const pause = RETRY_MS * (0.5 + Math.random())
      this.#retry = options.clock.after(pause, () => this.#tellState())
    })
  }

  /** Read after the room is live, so that no mark is lost between the state and the stream. */
  async #readState(): Promise<void> {
    const { server, connection } = this.#peer
    const { head, text } = await readState(server.chat, this.#room, connection.user.id)
    await this.#tracked?.reached(head)
    if (!this.#ended) connection.send(text)
  }

  #end(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#retry?.cancel()
    this.#live.stop()
    if (this.#asked !== null) this.#peer.refuse(this.#asked, error)
    this.#settled()
  }

  #settled(): void {
    this.#settle?.()
    this.#settle = null
  }
}
