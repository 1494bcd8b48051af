import type { Seq } from '../wire.ts'

/** A message that is to be sent, as it is stored. */
export interface OutboxEntry {
  /** Idempotency key: unique, and ascending in the order in which messages were written. */
  readonly clientId: string
  readonly room: number
  readonly body: string
  readonly kind: string
  readonly replyTo: Seq | null
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** The user who wrote it; it is sent as nobody else. null if nobody had signed in yet. */
  readonly user: number | null
}

/** Where messages wait until the server has them. One client at a time uses it; calls come one after another. */
export interface OutboxStorage {
  /** All entries, in any order. Called once, first. */
  load(): Promise<readonly OutboxEntry[]>
  /** Stores an entry, in place of the one with the same `clientId`. */
  put(entry: OutboxEntry): Promise<void>
  /** Without an error if there is no such entry. */
  remove(clientId: string): Promise<void>
}

/** Keeps nothing beyond the life of the program. */
export function memoryStorage(): OutboxStorage {
  const entries = new Map<string, OutboxEntry>()
  return {
    load: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.clientId, entry),
    remove: async (clientId) => void entries.delete(clientId),
  }
}
