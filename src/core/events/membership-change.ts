import type { Role, RoomId, Seq, UserRef } from '../model.ts'
import type { MemberChange } from './event.ts'

/** What happens to a user's membership of a room, or to an invitation. */
export type MembershipChangeType = MemberChange | 'room_deleted'

/** The latest change of a user's membership of a room, as the user's own list has it. */
export interface MembershipChange {
  readonly roomId: RoomId
  /** The user's own number for the change: dense, over all rooms. */
  readonly seq: Seq
  readonly type: MembershipChangeType
  /** The role after the change; null if the user is not a member after it. */
  readonly role: Role | null
  readonly actor: UserRef
  readonly at: Date
}
