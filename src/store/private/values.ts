import {
  isId,
  isSeq,
  type NotificationLevel,
  type PrivateType,
  type PrivateValues,
} from '../../core/index.ts'

/** Makes what is kept of the JSON that is stored; null if it is not as this version writes it. */
const fromStored: { readonly [T in PrivateType]: (stored: object) => PrivateValues[T] | null } = {
  draft: (stored) => {
    const { text, reply_to }: { text?: unknown; reply_to?: unknown } = stored
    if (typeof text !== 'string') return null
    return { text, replyTo: isSeq(reply_to) ? reply_to : null }
  },
  saved: (stored) => {
    const { message }: { message?: unknown } = stored
    return isId(message) ? { message } : null
  },
  mark: (stored) => {
    const { read, behind }: { read?: unknown; behind?: unknown } = stored
    return isSeq(read) ? { readSeq: read, isBehind: behind === true } : null
  },
  notifications: (stored) => {
    const { level, muted_until }: { level?: unknown; muted_until?: unknown } = stored
    if (!isLevel(level)) return null
    return { level, mutedUntil: typeof muted_until === 'string' ? new Date(muted_until) : null }
  },
}

const levels: readonly unknown[] = ['all', 'mentions', 'none'] satisfies NotificationLevel[]

function isLevel(value: unknown): value is NotificationLevel {
  return levels.includes(value)
}

/** Makes the JSON that is stored. */
const toStored: { readonly [T in PrivateType]: (value: PrivateValues[T]) => object } = {
  notifications: ({ level, mutedUntil }) =>
    mutedUntil === null ? { level } : { level, muted_until: mutedUntil.toISOString() },
  draft: ({ text, replyTo }) => (replyTo === null ? { text } : { text, reply_to: replyTo }),
  saved: ({ message }) => ({ message }),
  mark: ({ readSeq, isBehind }) => ({ read: readSeq, behind: isBehind }),
}

/** Returns what is kept, or null if it was removed, or is not as this version writes it. */
export function toValue<T extends PrivateType>(type: T, stored: unknown): PrivateValues[T] | null {
  return typeof stored === 'object' && stored !== null ? fromStored[type](stored) : null
}

export function storedValue<T extends PrivateType>(type: T, value: PrivateValues[T] | null): string | null {
  return value === null ? null : JSON.stringify(toStored[type](value))
}

/** A newer version's nodes may have written a type that this version does not know. */
export function isPrivateType(type: string): type is PrivateType {
  return Object.hasOwn(fromStored, type)
}
