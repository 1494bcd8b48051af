import type { ErrorFrame, Sent } from '../../../src/api/v2/wire/index.ts'

/** One message that a client wants sent, over as many attempts and nodes as it takes. */
export interface Sending {
  readonly room: number
  readonly sender: number
  readonly clientId: string
  /** Unlike every other's. */
  readonly body: string
  /** When it was first said, in `performance.now()`. */
  readonly startedAt: number
  attempts: number
  /** Every answer that it was stored: all must be the same. */
  readonly acks: Sent[]
  /** Acknowledgements of what the database has lost since. */
  readonly lost: Sent[]
  /** What attempts were refused with. */
  readonly refusals: ErrorFrame[]
  /** Milliseconds from then to the first acknowledgement. */
  ackedAfterMs: number | null
  /** An edit or a deletion was asked for; at most one is. */
  change: Change | null
}

export interface Change {
  readonly kind: 'edit' | 'delete'
  /** The number that it took; null where that was not answered, so that it may have happened or not. */
  version: number | null
}
