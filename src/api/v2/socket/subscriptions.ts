import { ChatError, PAGE_TEXT, type RoomId, type Seq } from '../../../core/index.ts'
import { Allowance } from './allowance.ts'
import type { Peer } from './peer.ts'
import { SmallMap } from './small-map.ts'
import { Subscription, type SubscriptionOwner } from './subscription.ts'
import type { SubscriptionWanted } from './subscription-start.ts'

/** The most characters of messages that subscriptions which begin have in memory for the client, over all rooms. */
const MESSAGES_TEXT = 16 * PAGE_TEXT
/** The most characters of states of rooms that are sent without a look at whether the client takes them. */
const STATES_TEXT = 262_144

/** The subscriptions of one connection. */
export class Subscriptions implements SubscriptionOwner {
  readonly #peer: Peer
  readonly #rooms = new SmallMap<RoomId, Subscription>()
  #messages: Allowance | null = null
  #states: Allowance | null = null

  constructor(peer: Peer) {
    this.#peer = peer
  }

  get(room: RoomId): Subscription | undefined {
    return this.#rooms.get(room)
  }

  /**
   * Adds a subscription, which replaces an earlier one to the same room. The caller starts it.
   * @throws ChatError `conflict` at the limit
   */
  open(wanted: SubscriptionWanted): Subscription {
    const { room } = wanted
    const limit = this.#peer.options.maxSubscriptions
    const earlier = this.#rooms.get(room)
    if (earlier === undefined && this.#rooms.size >= limit) {
      throw new ChatError('conflict', `A connection may subscribe to at most ${limit} rooms`)
    }
    earlier?.stop()
    const subscription = new Subscription(this.#peer, wanted, this)
    this.#rooms.set(room, subscription)
    return subscription
  }

  get messages(): Allowance {
    this.#messages ??= new Allowance(MESSAGES_TEXT)
    return this.#messages
  }

  get states(): Allowance {
    this.#states ??= new Allowance(STATES_TEXT)
    return this.#states
  }

  ended(room: RoomId, subscription: Subscription): void {
    if (this.#rooms.get(room) === subscription) this.#rooms.delete(room)
  }

  /** Returns up to where each room that is live was sent. */
  *positions(): Generator<readonly [RoomId, Seq], void, undefined> {
    for (const [room, { position }] of this.#rooms.entries()) if (position !== null) yield [room, position]
  }

  /** Refuses a subscription because too many requests wait. */
  overloaded(room: RoomId): void {
    this.#rooms.get(room)?.refuse(new ChatError('overloaded', 'Too many requests are under way'))
  }

  drop(room: RoomId): void {
    this.#rooms.get(room)?.stop()
    this.#rooms.delete(room)
  }

  close(): void {
    for (const [, subscription] of this.#rooms.entries()) subscription.stop()
    this.#rooms.clear()
  }

  /** Returns the last number sent for each room in which it has moved since the last call; null if there are none. */
  newHeads(): Record<string, number> | null {
    let heads: Record<string, number> | null = null
    for (const [room, subscription] of this.#rooms.entries()) {
      const head = subscription.newHead()
      if (head === null) continue
      heads ??= {}
      heads[room] = head
    }
    return heads
  }
}
