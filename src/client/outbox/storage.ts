import type { Metadata, NewMentions, Seq } from '../wire.ts'

/** The stored form of a message that is to be sent. */
export interface OutboxEntry {
  /** Idempotency key: unique, and ascending in the order in which messages were written. */
  readonly clientId: string
  readonly room: number
  readonly body: string
  readonly kind: string
  readonly replyTo: Seq | null
  readonly metadata?: Metadata
  /** Ids of the user's uploads to the room. */
  readonly attachments?: readonly number[]
  /** Whom it mentions, in place of what the text says. */
  readonly mentions?: NewMentions
  /** false for a reply that is to be shown in its thread alone. */
  readonly inRoom?: boolean
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** The user who wrote it; it is never sent as another user. null if nobody had signed in yet. */
  readonly user: number | null
}

/** The storage for messages that the server does not have yet. One client at a time uses it, with one call after another. */
export interface OutboxStorage {
  /** Returns all entries, in any order. Called once, before any other call. */
  load(): Promise<readonly OutboxEntry[]>
  /** Stores an entry, replacing the one with the same `clientId`. */
  put(entry: OutboxEntry): Promise<void>
  /** Removes an entry. No error if there is none. */
  remove(clientId: string): Promise<void>
}

/** Returns a storage in memory, which is lost with the program. */
export function memoryStorage(): OutboxStorage {
  const entries = new Map<string, OutboxEntry>()
  return {
    load: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.clientId, entry),
    remove: async (clientId) => void entries.delete(clientId),
  }
}
