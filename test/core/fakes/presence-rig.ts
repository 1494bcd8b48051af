import {
  ChatError,
  createPresence,
  type Presence,
  type RoomId,
  type RoomPresence,
  type Sighting,
  type Signal,
  type UserId,
  type UserPresence,
} from '../../../src/core/index.ts'
import { FakeClock } from './clock.ts'
import { id, userRef } from './values.ts'

export const GRACE = 10_000
/** Longer than changes are batched, in milliseconds. */
export const GATHERED = 50
/** Longer than the pause before a retry, in milliseconds. */
export const RETRIED = 1000

/** Presence of one node, over fakes that a test can observe and fail. */
export class PresenceRig {
  readonly clock = new FakeClock()
  readonly store = new FakeStore(this.clock)
  readonly nodes = new FakeNodes()
  readonly published: Signal[] = []
  readonly faults: unknown[] = []
  readonly presence: Presence

  constructor({ grace = GRACE, listLimit = 3 } = {}) {
    this.presence = createPresence(
      {
        store: this.store,
        clock: this.clock,
        signals: { publish: (signal) => void this.published.push(signal) },
        userPresence: this.nodes,
        roomPresence: this.nodes,
      },
      { listLimit, presenceGraceMs: grace, onFault: (error) => void this.faults.push(error) },
    )
  }

  connect(...users: readonly number[]): void {
    for (const user of users) this.presence.connected(userRef(user))
  }

  disconnect(...users: readonly number[]): void {
    for (const user of users) this.presence.disconnected(userRef(user))
  }

  /** Returns the announcements since the last call: `+` and `-` with the user. */
  heard(): string[] {
    return this.published.splice(0).map((signal) => {
      if (signal.type !== 'presence') throw new Error(`${signal.type} is not expected here`)
      return `${signal.online ? '+' : '-'}${signal.user.id}`
    })
  }

  async online(...users: readonly number[]): Promise<number[]> {
    return [...(await this.presence.online(users.map(id)))]
  }
}

class FakeStore {
  readonly #clock: FakeClock
  /** Rooms by user; everybody else has room 100 plus their id. */
  readonly rooms = new Map<number, readonly number[]>()
  members: readonly number[] = []
  /** The users of each call. */
  readonly asked: number[][] = []
  readonly touched: Sighting[][] = []
  /** Runs before each result; if it throws, the call fails with the error. */
  before: () => Promise<void> | void = () => undefined

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  async smallRoomsOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, RoomId[]>> {
    this.asked.push([...users])
    await this.before()
    const rows = users.map((user): [UserId, RoomId[]] => [
      user,
      (this.rooms.get(user) ?? [100 + user]).map(id),
    ])
    return new Map(rows.filter(([, rooms]) => rooms.length > 0))
  }

  async memberIds(_room: RoomId, limit: number): Promise<UserId[]> {
    return this.members.slice(0, limit).map(id)
  }

  async touchSeen(seen: readonly Sighting[]): Promise<ReadonlyMap<UserId, Date>> {
    this.touched.push([...seen])
    await this.before()
    return new Map(seen.map(({ user, agoMs }) => [user, new Date(this.#clock.now() - agoMs)]))
  }
}

/** The other nodes, and this one as they see it. */
class FakeNodes implements UserPresence, RoomPresence {
  readonly elsewhere = new Set<number>()
  readonly here = new Set<number>()
  /** The calls of `arrive` and `depart`, with the user. */
  readonly calls: string[] = []
  before: (call: string) => Promise<void> | void = () => undefined
  connected = 0

  async arrive(user: UserId): Promise<boolean> {
    await this.#call(`arrive ${user}`)
    this.here.add(user)
    return !this.elsewhere.has(user)
  }

  async depart(user: UserId): Promise<boolean> {
    await this.#call(`depart ${user}`)
    this.here.delete(user)
    return !this.elsewhere.has(user)
  }

  async online(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    return new Set(users.filter((user) => this.elsewhere.has(user) || this.here.has(user)))
  }

  async count(): Promise<number> {
    return this.connected
  }

  enter(): never {
    throw new Error('enter is not expected here')
  }

  leave(): never {
    throw new Error('leave is not expected here')
  }

  async #call(call: string): Promise<void> {
    this.calls.push(call)
    await this.before(call)
  }
}

export function away(): ChatError {
  return new ChatError('unavailable', 'away')
}
