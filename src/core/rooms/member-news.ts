import type { MemberEvent, MembershipChangeType } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import type { Role, RoomId, Seq, UserRef } from '../model.ts'
import type { MembersChanged, Signals } from '../ports.ts'
import type { RoomsOptions } from './options.ts'

/** The changes after which a member is none. */
const endings: ReadonlySet<MembershipChangeType> = new Set<MembershipChangeType>([
  'left',
  'removed',
  'room_deleted',
])

/** Writes changes of one room's memberships, and tells of them. @returns the changes, in their order */
export type ChangeMembers = (write: () => Promise<MembersChanged>) => Promise<readonly MemberEvent[]>

/** Tells the room, in their place in its order, then the users concerned. */
export function memberNews(feed: Feed, signals: Signals, announce: RoomsOptions['announce']): ChangeMembers {
  return async (write) => {
    const { epoch } = feed
    const { events, numbers } = await write()
    const [first] = events
    if (first === undefined) return events
    feed.commit(first.roomId, [...events], epoch)
    announce?.(events)
    for (const [index, event] of events.entries()) {
      const { roomId, user, type: change, role, actor } = event
      tellMember(signals, { roomId, user, change, role, actor, seq: numbers[index] })
    }
    return events
  }
}

/** To the user's connections, whether they hear the room or not. */
export function tellMember(signals: Signals, { roomId, user, change, role, actor, seq }: MemberNews): void {
  signals.publish({
    type: 'membership',
    roomId,
    user: { id: user.id, username: user.username },
    change,
    role,
    actor: { id: actor.id, username: actor.username },
    ...(seq === undefined ? {} : { seq }),
  })
  // What the user kept about the room has ended with the membership.
  if (endings.has(change)) signals.publish({ type: 'private', userId: user.id })
}

export interface MemberNews {
  readonly roomId: RoomId
  readonly user: UserRef
  readonly change: MembershipChangeType
  readonly role: Role | null
  readonly actor: UserRef
  /** The user's own number for the change. */
  readonly seq: Seq | undefined
}
