import type { MembershipChange } from '../events/index.ts'
import type { Seq, UserId } from '../model.ts'

/** A user's own number for a change of one of their memberships. */
export interface MembershipNumber {
  readonly user: UserId
  readonly seq: Seq
}

export interface MembershipsWanted {
  readonly user: UserId
  /** null: only the number is wanted. */
  readonly after: Seq | null
}

/** What happened to one user's memberships after a number. */
export interface MembershipChanges {
  /** The latest change of each room, in the order of their numbers. */
  readonly changes: readonly MembershipChange[]
  /** The number up to which `changes` is complete. */
  readonly upTo: Seq
  /** The user's latest number; 0 if there is none. */
  readonly head: Seq
  /** The number up to which old changes may be missing. */
  readonly forgotten: Seq
}

/**
 * Each user's memberships, numbered. Every write of `RoomRegister` that changes a membership takes the user's next number in its
 * transaction. Numbers are dense, and a number that can be read comes after all lower ones can: a reader misses nothing.
 */
export interface MembershipLog {
  /** Returns what happened after the numbers, up to `limit` changes each, in the order of `wanted`. One statement, so one consistent reading. */
  membershipChangesOf(wanted: readonly MembershipsWanted[], limit: number): Promise<MembershipChanges[]>
  /** Returns the users' latest numbers; without users who have none. */
  membershipHeads(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Seq>>
}
