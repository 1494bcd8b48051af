import { LRUCache } from 'lru-cache'
import {
  ChatError,
  type ConnectionCounts,
  type ConnectionScope,
  isId,
  type UserId,
  type UserRef,
} from '../../core/index.ts'
import type { AuthSession } from '../identity/index.ts'
import type { Connection } from './connection.ts'
import type { Speaker } from './session.ts'

export interface ConnectionLimits {
  /** On this node. */
  readonly total: number
  /** Over all nodes. */
  readonly perAddress: number
  readonly perUser: number
}

/** Is told of every connection that gets a user, and of its end. Guests do not count. */
export interface ConnectionWatcher {
  connected(user: UserRef): void
  disconnected(user: UserRef): void
}

/** All open sockets of this node: by user, for revocations, and counted by address, for the limits. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #counts: ConnectionCounts
  readonly #onFull: () => void
  readonly #onCrowded: (limitKey: string) => void
  readonly #all = new Set<Connection>()
  /** Nearly every user has one connection, which needs no set. */
  readonly #byUser = new Map<UserId, Connection | Set<Connection>>()
  readonly #perAddress = new Map<string, number>()
  /** Sessions that were revoked lately, for handshakes that were under way and had been let in before. */
  readonly #revoked = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 })

  #watcher: ConnectionWatcher | null = null

  /**
   * @param onFull called for each connection that this node has no room for
   * @param onCrowded called for each connection of an address that may have no more of them
   */
  constructor(
    limits: ConnectionLimits,
    counts: ConnectionCounts,
    onFull: () => void = () => undefined,
    onCrowded: (limitKey: string) => void = () => undefined,
  ) {
    this.#limits = limits
    this.#counts = counts
    this.#onFull = onFull
    this.#onCrowded = onCrowded
  }

  /** Sets the watcher. Called once, when the process starts. */
  watch(watcher: ConnectionWatcher): void {
    this.#watcher = watcher
  }

  get size(): number {
    return this.#all.size
  }

  all(): Iterable<Connection> {
    return this.#all
  }

  /** The sign-ins that connections were opened by; one for each connection that has any. */
  *sessions(): Generator<AuthSession, void, undefined> {
    for (const { speaker } of this.#all)
      if (speaker !== null && speaker.session !== null) yield speaker.session
  }

  of(user: UserId): Iterable<Connection> {
    const own = this.#byUser.get(user)
    return own === undefined ? [] : own instanceof Set ? own : [own]
  }

  /** Closes what was opened by a session that has ended, and handshakes by it that are under way. */
  revoke(session: AuthSession): void {
    const key = keyOf(session)
    this.#revoked.set(key, true)
    for (const connection of [...this.of(session.userId)]) {
      const own = connection.speaker?.session ?? null
      if (own !== null && keyOf(own) === key) connection.close(CLOSE_SIGNED_OUT, 'signed out')
    }
  }

  isRevoked(session: AuthSession | null): boolean {
    return session !== null && this.#revoked.has(keyOf(session))
  }

  /** Checks that one more connection may come from an address. @throws ChatError `overloaded`, `rate_limited` */
  expectRoom(limitKey: string): void {
    if (this.#all.size >= this.#limits.total) {
      this.#onFull()
      throw new ChatError('overloaded', 'The server has no room for more connections', { retryAfterMs: 5000 })
    }
    const there = (this.#perAddress.get(limitKey) ?? 0) + this.#counts.elsewhere('address', limitKey)
    if (there >= this.#limits.perAddress) {
      this.#onCrowded(limitKey)
      throw new ChatError('rate_limited', 'Too many connections from this address', { retryAfterMs: 5000 })
    }
  }

  /** Adds a connection. @throws as `expectRoom` */
  admit(connection: Connection): void {
    const { limitKey, speaker } = connection
    this.expectRoom(limitKey)
    if (speaker !== null) this.#expectRoomOf(speaker)
    this.#countAddress(limitKey, 1)
    this.#all.add(connection)
    if (speaker !== null) this.#index(connection, speaker)
  }

  /**
   * Names the user of an open connection, or renews the session of the same user.
   * @throws ChatError `rate_limited` if the user has too many connections
   */
  identify(connection: Connection, speaker: Speaker, now: number): void {
    const known = connection.speaker !== null
    if (!known) this.#expectRoomOf(speaker)
    connection.become(speaker, now)
    if (!known && this.#all.has(connection)) this.#index(connection, speaker)
    // The session was revoked while it was looked up.
    if (this.isRevoked(speaker.session)) connection.close(CLOSE_SIGNED_OUT, 'signed out')
  }

  release(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    this.#countAddress(connection.limitKey, -1)
    if (connection.speaker === null) return
    const { user, guest } = connection.speaker
    const own = this.#byUser.get(user.id)
    if (own instanceof Set) own.delete(connection)
    if (own === connection || (own instanceof Set && own.size === 0)) this.#byUser.delete(user.id)
    this.#counts.tell('user', String(user.id), this.#countOf(user.id))
    if (guest !== true) this.#watcher?.disconnected(user)
  }

  /** Closes so many of an address's or a user's connections, the latest first, because there are too many over all nodes. */
  shed(scope: ConnectionScope, key: string, surplus: number): void {
    const user = Number(key)
    const those =
      scope === 'address'
        ? [...this.#all].filter(({ limitKey }) => limitKey === key)
        : isId(user)
          ? [...this.of(user)]
          : []
    for (const connection of those.slice(-surplus)) connection.close(CLOSE_TOO_MANY, 'too many connections')
  }

  #expectRoomOf({ user }: Speaker): void {
    const there = this.#countOf(user.id) + this.#counts.elsewhere('user', String(user.id))
    if (there < this.#limits.perUser) return
    throw new ChatError('rate_limited', 'You have too many connections', { retryAfterMs: 5000 })
  }

  #countOf(user: UserId): number {
    const own = this.#byUser.get(user)
    return own === undefined ? 0 : own instanceof Set ? own.size : 1
  }

  #countAddress(key: string, change: number): void {
    const count = (this.#perAddress.get(key) ?? 0) + change
    if (count > 0) this.#perAddress.set(key, count)
    else this.#perAddress.delete(key)
    this.#counts.tell('address', key, count)
  }

  #index(connection: Connection, { user, guest }: Speaker): void {
    const own = this.#byUser.get(user.id)
    if (own === undefined) this.#byUser.set(user.id, connection)
    else if (own instanceof Set) own.add(connection)
    else this.#byUser.set(user.id, new Set([own, connection]))
    this.#counts.tell('user', String(user.id), this.#countOf(user.id))
    if (guest !== true) this.#watcher?.connected(user)
  }
}

function keyOf({ provider, id }: AuthSession): string {
  return `${provider} ${id}`
}

/** 1013, try again later. */
const CLOSE_TOO_MANY = 1013
/** 1008, policy violation: the client must not come back with the same credential. */
export const CLOSE_SIGNED_OUT = 1008
