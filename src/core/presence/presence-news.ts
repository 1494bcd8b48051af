import { ChatError } from '../errors.ts'
import type { RoomId, UserId, UserRef } from '../model.ts'
import type { Clock, Sighting, Signals, SmallRooms, UserRegister } from '../ports.ts'

/** What became of a user, to be stored and told. */
export interface News {
  readonly user: UserRef
  readonly online: boolean
  /** In the clock's ticks: when their last connection closed; null for who is online. */
  readonly closedAt: number | null
  /** Whether others are told: false for who came and went before anybody had heard of them. */
  readonly told: boolean
}

/** Users whose news may wait for the database; past it the oldest are lost. */
const LIMIT = 10_000

/** Users coming online and going, on their way to `lastSeen` and to the rooms that are told. The latest of a user counts. */
export class PresenceNews {
  readonly #store: SmallRooms & Pick<UserRegister, 'touchSeen'>
  readonly #clock: Clock
  readonly #signals: Signals
  readonly #listLimit: number
  readonly #waiting = new Map<UserId, News>()

  constructor(
    store: SmallRooms & Pick<UserRegister, 'touchSeen'>,
    clock: Clock,
    signals: Signals,
    listLimit: number,
  ) {
    this.#store = store
    this.#clock = clock
    this.#signals = signals
    this.#listLimit = listLimit
  }

  get size(): number {
    return this.#waiting.size
  }

  add(news: News): void {
    const { id } = news.user
    const told = news.told || this.#waiting.get(id)?.told === true
    // Behind the others, as the latest.
    this.#waiting.delete(id)
    this.#waiting.set(id, { ...news, told })
    if (this.#waiting.size <= LIMIT) return
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest)
      break
    }
  }

  /**
   * Stores and tells the oldest, up to `limit` users, in two statements at most.
   * @throws what the store throws: where a retry can help they wait on, else they are lost
   */
  async tell(limit: number): Promise<void> {
    const batch = [...this.#waiting.values().take(limit)]
    for (const { user } of batch) this.#waiting.delete(user.id)
    try {
      const [rooms, seen] = await Promise.all([this.#roomsOf(batch), this.#touch(batch)])
      for (const { user, online, told } of batch) {
        const own = rooms.get(user.id)
        if (!told || own === undefined) continue
        this.#signals.publish({
          type: 'presence',
          user,
          online,
          lastSeen: online ? null : (seen.get(user.id) ?? null),
          rooms: own,
        })
      }
    } catch (error) {
      if (error instanceof ChatError && error.retryable) this.#putBack(batch)
      throw error
    }
  }

  /** Unless there is later news of the same user. */
  #putBack(batch: readonly News[]): void {
    const later = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const news of [...batch, ...later]) this.add(news)
  }

  #roomsOf(batch: readonly News[]): Promise<ReadonlyMap<UserId, readonly RoomId[]>> {
    const users = batch.flatMap(({ user, told }) => (told ? [user.id] : []))
    return users.length === 0 ? Promise.resolve(new Map()) : this.#store.smallRoomsOf(users, this.#listLimit)
  }

  #touch(batch: readonly News[]): Promise<ReadonlyMap<UserId, Date>> {
    const now = this.#clock.ticks()
    const seen = batch.flatMap(({ user, closedAt }): Sighting[] =>
      closedAt === null ? [] : [{ user: user.id, agoMs: now - closedAt }],
    )
    return seen.length === 0 ? Promise.resolve(new Map()) : this.#store.touchSeen(seen)
  }
}
