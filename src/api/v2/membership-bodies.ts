import type { MembershipChange } from '../../core/index.ts'
import { isoTime } from '../shared/index.ts'
import { userRef } from './bodies.ts'
import type * as wire from './wire/index.ts'

/** Returns a change of the own memberships as v2 shows it, over REST and on the socket alike. */
export function membershipBody({
  roomId: room,
  seq: user_seq,
  type: change,
  role,
  actor,
  at,
}: MembershipChange): wire.MembershipChange {
  return { room, user_seq, change, role, actor: userRef(actor), at: isoTime(at) }
}
