/** Pinned messages. Plain data. */

import type { Seq, UserRef } from './ids.ts'

/** Who has pinned a message, and when. */
export interface Pin {
  readonly by: UserRef
  readonly at: Date
}

/** The pins of some messages, by the messages' numbers; without those that are not pinned. */
export type Pins = ReadonlyMap<Seq, Pin>
