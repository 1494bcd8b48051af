import type { OutboxEntry, OutboxStorage } from './storage.ts'

/** The part of a browser's `Storage` that the library uses. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/**
 * Keeps messages in a browser's `localStorage`, one item each, so that they survive a reload. Tabs that share it also
 * send what they find there; the server stores each message once.
 */
export function webStorage(storage: WebStorage, prefix = 'parley.outbox.'): OutboxStorage {
  return {
    async load() {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index))
      return keys.flatMap((key) => (key?.startsWith(prefix) ? read(storage, key) : []))
    },
    put: async (entry) => storage.setItem(prefix + entry.clientId, JSON.stringify(entry)),
    remove: async (clientId) => storage.removeItem(prefix + clientId),
  }
}

/** Items of another program or an earlier version under the name are not entries. */
function read(storage: WebStorage, key: string): OutboxEntry[] {
  try {
    const entry: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    return isEntry(entry) ? [entry] : []
  } catch {
    return []
  }
}

function isEntry(entry: unknown): entry is OutboxEntry {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'clientId' in entry &&
    'room' in entry &&
    'body' in entry &&
    'user' in entry
  )
}
