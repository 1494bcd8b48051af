import { LRUCache } from 'lru-cache'
import { ChatError, type UserId } from '../core/index.ts'
import type { Connection } from './connection.ts'

export interface ConnectionLimits {
  readonly total: number
  readonly perAddress: number
}

/** Every open socket of this node: by user, for revocations, and counted by address, for the limits. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #all = new Set<Connection>()
  readonly #byUser = new Map<UserId, Set<Connection>>()
  readonly #perAddress = new Map<string, number>()
  /** Lately, for handshakes that were under way: they were let in by what is no longer true. */
  readonly #revoked = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 })

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
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
      if (connection.fingerprint === fingerprint) connection.close(CLOSE_SIGNED_OUT, 'signed out')
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
    const own = this.#byUser.get(connection.user.id)
    if (own === undefined) this.#byUser.set(connection.user.id, new Set([connection]))
    else own.add(connection)
  }

  release(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const own = this.#byUser.get(connection.user.id)
    own?.delete(connection)
    if (own?.size === 0) this.#byUser.delete(connection.user.id)
    const left = (this.#perAddress.get(connection.limitKey) ?? 1) - 1
    if (left > 0) this.#perAddress.set(connection.limitKey, left)
    else this.#perAddress.delete(connection.limitKey)
  }
}

/** 1008, policy violation: the client is not to come back with the same token. */
export const CLOSE_SIGNED_OUT = 1008
