/** Everything that can go wrong in the chat, as a closed set. Each contract maps the kinds to its own wire shape. */
export type ErrorKind =
  /** The input is not acceptable; the message says which part and why, in words fit for a client. */
  | 'invalid'
  /** No valid credential. */
  | 'unauthenticated'
  /** The caller may know of the thing but not do this. */
  | 'forbidden'
  /** The thing exists but the caller may not know; contracts that hide say "not found". */
  | 'hidden'
  | 'not_found'
  /** It exists already, or changed meanwhile. */
  | 'conflict'
  /** More bytes than are accepted. */
  | 'too_large'
  /** More than the caller's share; `retryAfterMs` says when the next may come. */
  | 'rate_limited'
  /** More than the server can take now; refused before anything was done. */
  | 'overloaded'
  /** Something the server needs is away. The outcome may be unknown: repeat with the same idempotency key. */
  | 'unavailable'

/** Why exactly a member of the chat may not do something. Contracts that have no word for it show the kind alone. */
export type Restraint =
  /** The user is banned from the room. */
  | 'banned'
  /** The user is muted in the room. */
  | 'muted'
  /** The room is in slow mode, and the user has sent a moment ago. */
  | 'slow_mode'
  /** Only the room's staff may post. */
  | 'posting_restricted'
  /** One of the two users blocks the other. */
  | 'blocked'

const retryable: ReadonlySet<string> = new Set<ErrorKind>(['rate_limited', 'overloaded', 'unavailable'])

/** Whether the same request can succeed later, unchanged. @param kind of a ChatError, or of a contract's own problem */
export function isRetryable(kind: string): boolean {
  return retryable.has(kind)
}

/** An expected failure. Anything else that is thrown is a fault of the server. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly kind: ErrorKind
  /** Milliseconds after which a retry may succeed; 0 where no time is known. */
  readonly retryAfterMs: number
  /** For `invalid`: the part of the input that is at fault; null if it is none in particular. */
  readonly field: string | null
  /** For `forbidden` and `rate_limited`: why exactly, if there is a word for it. */
  readonly restraint: Restraint | null

  constructor(
    kind: ErrorKind,
    message: string,
    more: { retryAfterMs?: number; field?: string; restraint?: Restraint } = {},
  ) {
    super(message)
    this.kind = kind
    this.retryAfterMs = more.retryAfterMs ?? 0
    this.field = more.field ?? null
    this.restraint = more.restraint ?? null
  }

  /** Whether the same request can succeed later, unchanged. */
  get retryable(): boolean {
    return isRetryable(this.kind)
  }
}

/**
 * `unavailable` for something that the statement touches, such as a damaged page, while the rest may be well: a smaller
 * batch can succeed. Clients see no difference.
 */
export class DamagedData extends ChatError {
  constructor() {
    super('unavailable', 'The database cannot serve this now, try again', { retryAfterMs: 1000 })
  }
}

/** Returns what a write is refused with if another epoch of the history began meanwhile: its change may not be in that. */
export function rewritten(): ChatError {
  return new ChatError('unavailable', 'The history was rewritten, try again', { retryAfterMs: 1000 })
}

export function notMember(): ChatError {
  return new ChatError('forbidden', 'You are not a member of this room')
}

const restraints: Readonly<Record<Restraint, string>> = {
  banned: 'You are banned from this room',
  muted: 'You are muted in this room',
  slow_mode: 'This room is in slow mode, try again later',
  posting_restricted: 'Only the staff of this room may post',
  blocked: 'One of you has blocked the other',
}

/** @param retryAfterMs milliseconds until it ends by itself; 0 if it does not */
export function restrained(restraint: Restraint, retryAfterMs = 0): ChatError {
  const kind = restraint === 'slow_mode' ? 'rate_limited' : 'forbidden'
  return new ChatError(kind, restraints[restraint], { restraint, retryAfterMs })
}

/** Whether the caller is why it failed, rather than the state of the server or of something that it needs. */
export function isCallersFault(error: unknown): boolean {
  return error instanceof ChatError && error.kind !== 'overloaded' && error.kind !== 'unavailable'
}

/** Thrown by writes that were given facts which no longer hold: read them again, decide again. Never reaches a client. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict'
}
