import { ChatError, type RoomId } from '../../../core/index.ts'
import type { Connection, Server } from '../../../server/index.ts'
import type { Answers } from './answers.ts'
import type { V2SocketOptions } from './options.ts'
import { Subscription, type SubscriptionWanted } from './subscription.ts'

/** The rooms that one connection hears. */
export class Subscriptions {
  readonly #server: Server
  readonly #options: V2SocketOptions
  readonly #connection: Connection
  readonly #answers: Answers
  readonly #rooms = new Map<RoomId, Subscription>()

  constructor(server: Server, options: V2SocketOptions, connection: Connection, answers: Answers) {
    this.#server = server
    this.#options = options
    this.#connection = connection
    this.#answers = answers
  }

  get(room: RoomId): Subscription | undefined {
    return this.#rooms.get(room)
  }

  /** In the place of an earlier one to the same room; to be started. @throws ChatError `conflict` at the limit */
  open(wanted: SubscriptionWanted): Subscription {
    const { room } = wanted
    const limit = this.#options.maxSubscriptions
    if (!this.#rooms.has(room) && this.#rooms.size >= limit) {
      throw new ChatError('conflict', `A connection may be subscribed to at most ${limit} rooms`)
    }
    this.#rooms.get(room)?.stop()
    const subscription: Subscription = new Subscription(
      this.#server,
      this.#connection,
      this.#answers,
      this.#options,
      wanted,
      () => {
        if (this.#rooms.get(room) === subscription) this.#rooms.delete(room)
      },
    )
    this.#rooms.set(room, subscription)
    return subscription
  }

  /** It cannot even wait for its turn. */
  overloaded(room: RoomId): void {
    this.#rooms.get(room)?.refuse(new ChatError('overloaded', 'Too many requests are under way'))
  }

  drop(room: RoomId): void {
    this.#rooms.get(room)?.stop()
    this.#rooms.delete(room)
  }

  close(): void {
    for (const subscription of this.#rooms.values()) subscription.stop()
    this.#rooms.clear()
  }

  /** Up to where each room was sent, for rooms where that has moved since this was asked before. */
  newHeads(): Record<string, number> {
    const heads: Record<string, number> = {}
    for (const [room, subscription] of this.#rooms) {
      const head = subscription.newHead()
      if (head !== null) heads[room] = head
    }
    return heads
  }
}
