import type { UserRef } from '../model.ts'

/** A user on this node. */
export interface Here {
  readonly user: UserRef
  connections: number
  /** In the clock's ticks: when the last connection closed. */
  closedAt: number
  /** Whether the other nodes have been told of the user. */
  arrived: boolean
  /** Whether the other nodes may have been told otherwise since. */
  doubted: boolean
}
