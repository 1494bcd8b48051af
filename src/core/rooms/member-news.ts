import type { Feed } from '../feed/index.ts'
import type { MemberChange, MemberEvent, Role, RoomId, UserRef } from '../model.ts'
import type { Signals } from '../ports.ts'

/** Tells of changes of one room's memberships: the room, in their place in its order, then the users concerned. */
export function memberNews(feed: Feed, signals: Signals): (events: readonly MemberEvent[]) => void {
  return (events) => {
    const [first] = events
    if (first === undefined) return
    feed.commit(first.roomId, events)
    for (const { roomId, user, change, role, actor } of events) {
      tellMember(signals, roomId, user, change, role, actor)
    }
  }
}

/** To the user's connections, whether they hear the room or not. */
export function tellMember(
  signals: Signals,
  roomId: RoomId,
  { id, username }: UserRef,
  change: MemberChange,
  role: Role | null,
  actor: UserRef,
): void {
  signals.publish({
    type: 'membership',
    roomId,
    user: { id, username },
    change,
    role,
    actor: { id: actor.id, username: actor.username },
  })
}
