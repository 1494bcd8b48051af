import { LRUCache } from 'lru-cache'
import { ChatError, type UserId, type UserRef } from '../core/index.ts'
import type { Connection, Speaker } from './connection.ts'

export interface ConnectionLimits {
  readonly total: number
  readonly perAddress: number
}

/** Told of every connection that comes to have a user, and of its end; not of guests'. */
export interface ConnectionWatcher {
  connected(user: UserRef): void
  disconnected(user: UserRef): void
}

/** Every open socket of this node: by user, for revocations, and counted by address, for the limits. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #all = new Set<Connection>()
  readonly #byUser = new Map<UserId, Set<Connection>>()
  readonly #perAddress = new Map<string, number>()
  /** Lately, for handshakes that were under way: they were let in by what is no longer true. */
  readonly #revoked = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 })

  #watcher: ConnectionWatcher | null = null

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** Set once, while the process is put together. */
  watch(watcher: ConnectionWatcher): void {
    this.#watcher = watcher
  }

  get size(): number {
    return this.#all.size
  }

  all(): Iterable<Connection> {
    return this.#all
  }

  of(user: UserId): Iterable<Connection> {
    return this.#byUser.get(user) ?? []
  }

  /** A token has ended: closes what was opened with it, and whatever of it is still on its way in. */
  revoke(user: UserId, fingerprint: string): void {
    this.#revoked.set(fingerprint, true)
    for (const connection of [...this.of(user)]) {
      if (connection.speaker?.fingerprint === fingerprint) connection.close(CLOSE_SIGNED_OUT, 'signed out')
    }
  }

  isRevoked(fingerprint: string | null): boolean {
    return fingerprint !== null && this.#revoked.has(fingerprint)
  }

  /** Whether one more may come from there. @throws ChatError `overloaded`, `rate_limited` */
  expectRoom(limitKey: string): void {
    if (this.#all.size >= this.#limits.total) {
      throw new ChatError('overloaded', 'The server has no room for more connections', { retryAfterMs: 5000 })
    }
    if ((this.#perAddress.get(limitKey) ?? 0) >= this.#limits.perAddress) {
      throw new ChatError('rate_limited', 'Too many connections from this address', { retryAfterMs: 5000 })
    }
  }

  /** Takes a place. Throws as `expectRoom`. */
  admit(connection: Connection): void {
    this.expectRoom(connection.limitKey)
    this.#perAddress.set(connection.limitKey, (this.#perAddress.get(connection.limitKey) ?? 0) + 1)
    this.#all.add(connection)
    if (connection.speaker !== null) this.#index(connection, connection.speaker)
  }

  /** An open connection has been told who its client is, or that the same user goes on with another token. */
  identify(connection: Connection, speaker: Speaker, now: number): void {
    const known = connection.speaker !== null
    connection.become(speaker, now)
    if (!known && this.#all.has(connection)) this.#index(connection, speaker)
    // Signed out while it was asked who it is.
    if (this.isRevoked(speaker.fingerprint)) connection.close(CLOSE_SIGNED_OUT, 'signed out')
  }

  release(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const left = (this.#perAddress.get(connection.limitKey) ?? 1) - 1
    if (left > 0) this.#perAddress.set(connection.limitKey, left)
    else this.#perAddress.delete(connection.limitKey)
    if (connection.speaker === null) return
    const { user, guest } = connection.speaker
    const own = this.#byUser.get(user.id)
    own?.delete(connection)
    if (own?.size === 0) this.#byUser.delete(user.id)
    if (guest !== true) this.#watcher?.disconnected(user)
  }

  #index(connection: Connection, { user, guest }: Speaker): void {
    const own = this.#byUser.get(user.id)
    if (own === undefined) this.#byUser.set(user.id, new Set([connection]))
    else own.add(connection)
    if (guest !== true) this.#watcher?.connected(user)
  }
}

/** 1008, policy violation: the client is not to come back with the same token. */
export const CLOSE_SIGNED_OUT = 1008
