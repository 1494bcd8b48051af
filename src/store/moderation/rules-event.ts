import type { Posting, RoomId, RulesEvent, UserRef } from '../../core/index.ts'
import { toSeq } from '../messages/index.ts'

interface RulesRow {
  readonly roomId: RoomId
  readonly seq: number
  readonly at: number
  readonly actor: UserRef
  readonly posts: string
  readonly slow: number
}

/** Makes the event of a change of rules that a SQL function has written. */
export function rulesEvent({ roomId, seq, at, actor, posts, slow }: RulesRow): RulesEvent {
  return {
    type: 'rules',
    roomId,
    seq: toSeq(seq),
    actor: { id: actor.id, username: actor.username },
    posting: toPosting(posts),
    slowMode: slow,
    at: new Date(at),
  }
}

function toPosting(value: string): Posting {
  if (value === 'everyone' || value === 'staff' || value === 'nobody') return value
  throw new Error(`the database returned ${value} instead of who may post`)
}
