import type { DescribedEvent, MemberEvent } from '../events/index.ts'

export interface RoomsOptions {
  /** Called once changes of a room are committed. */
  readonly announce?: (events: readonly (MemberEvent | DescribedEvent)[]) => void
  /** Members up to which a room shows lists: members in snapshots, marks, presence. Larger ones show counts. */
  readonly listLimit: number
  /** The most characters (code points) of a message. */
  readonly maxLength: number
}
