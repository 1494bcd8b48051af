import { ChatError } from '../errors.ts'
import type { RoomId, UserId, UserRef } from '../model.ts'
import type { Clock, Sighting, Signals, SmallRooms, UserRegister } from '../ports.ts'

/** A user has come online or gone offline, which is to be stored and told. */
export interface News {
  readonly user: UserRef
  readonly online: boolean
  /** In the clock's ticks: when the user's last connection closed; null if they are online. */
  readonly closedAt: number | null
  /** Whether others are told; false if the user came and went before anybody was told of them. */
  readonly told: boolean
}

/** The most users whose news may wait for the database; beyond it the oldest are lost. */
const LIMIT = 10_000

/** Queues users who come online or go offline, until `lastSeen` is stored and their rooms are told. Only the latest news of a user counts. */
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
    // Deleted and set again, so that it comes last.
    this.#waiting.delete(id)
    this.#waiting.set(id, { ...news, told })
    if (this.#waiting.size <= LIMIT) return
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest)
      break
    }
  }

  /**
   * Stores and tells the oldest news, of up to `limit` users, with at most two statements.
   * @throws what the store throws; the news are kept if a retry can help, and lost otherwise
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

  /** Queues news again, unless there is later news of the same user. */
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
