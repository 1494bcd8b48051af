import type { ErrorFrame, Sent } from '../../../src/api/v2/wire/index.ts'

/** One message that a client sends, with as many attempts and nodes as necessary. */
export interface Sending {
  readonly room: number
  readonly sender: number
  readonly clientId: string
  /** Unique among all messages. */
  readonly body: string
  /** When it was first sent, in `performance.now()`. */
  readonly startedAt: number
  attempts: number
  /** Every acknowledgement: all must be the same. */
  readonly acks: Sent[]
  /** Acknowledgements of messages that the database has lost since. */
  readonly lost: Sent[]
  /** The errors with which attempts were refused. */
  readonly refusals: ErrorFrame[]
  /** Milliseconds from the first send to the first acknowledgement. */
  ackedAfterMs: number | null
  /** The requested edit or deletion; at most one. */
  change: Change | null
}

export interface Change {
  readonly kind: 'edit' | 'delete'
  /** The number of the change; null if there was no response, so that it may or may not have happened. */
  version: number | null
}
