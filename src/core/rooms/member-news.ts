import type { MemberChange, MemberEvent } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import type { Role, RoomId, UserRef } from '../model.ts'
import type { Signals } from '../ports.ts'

/** Writes changes of one room's memberships, and tells of them. @returns the changes, in their order */
export type ChangeMembers = (write: () => Promise<MemberEvent[]>) => Promise<MemberEvent[]>

/** Tells the room, in their place in its order, then the users concerned. */
export function memberNews(feed: Feed, signals: Signals): ChangeMembers {
  return async (write) => {
    const { epoch } = feed
    const events = await write()
    const [first] = events
    if (first === undefined) return events
    feed.commit(first.roomId, events, epoch)
    for (const { roomId, user, type, role, actor } of events) {
      tellMember(signals, roomId, user, type, role, actor)
    }
    return events
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
