import { jsonText } from '../details/index.ts'
import { isCallersFault } from '../errors.ts'
import type { DescribedEvent, MemberEvent } from '../events/index.ts'
import type { Draft } from '../ports.ts'
import { SERVERS_KIND } from '../text/index.ts'
import type { Committer } from './committer.ts'
import { createKeys } from './idempotency-keys.ts'

/** The changes of a room of which a message can tell. A user who left is no member any more, so no message is theirs. */
export const announcedChanges = ['joined', 'invited', 'removed', 'role', 'described'] as const
export type AnnouncedChange = (typeof announcedChanges)[number]

/** Tells rooms of their changes, once the changes are committed. */
export type Announce = (events: readonly (MemberEvent | DescribedEvent)[]) => void

/**
 * Writes a message of the kind `system` after each of these changes, with the next number that is free, by the user who made the change.
 * Best effort: if the node or the database fails in that moment, the change goes without its message.
 */
export function createAnnounce(
  committer: Pick<Committer, 'enqueue'>,
  changes: readonly AnnouncedChange[],
  onFault: (error: unknown) => void,
): Announce {
  const newKey = createKeys()
  const wanted = new Set<string>(changes)
  const reply = {
    sent: () => undefined,
    // Who made the change may have left the room meanwhile, which is no fault.
    rejected: (error: unknown) => (isCallersFault(error) ? undefined : onFault(error)),
  }
  return (events) => {
    for (const event of events) if (wanted.has(event.type)) committer.enqueue(draftOf(event, newKey()), reply)
  }
}

/** The text is for clients that do not know the metadata. */
function draftOf(event: MemberEvent | DescribedEvent, clientId: string): Draft {
  const { type: change, roomId, seq } = event
  const sender = { id: event.actor.id, username: event.actor.username }
  const about = event.type === 'described' ? {} : { user: event.user.id, role: event.role }
  const details = { metadata: jsonText({ change, seq, ...about }) }
  const plain = { kind: SERVERS_KIND, replyTo: null, inRoom: true }
  return { ...plain, roomId, sender, clientId, body: textOf(event), details }
}

function textOf(event: MemberEvent | DescribedEvent): string {
  const by = event.actor.username
  switch (event.type) {
    case 'joined':
      return `${by} joined`
    case 'invited':
      return `${by} invited ${event.user.username}`
    case 'removed':
      return `${by} removed ${event.user.username}`
    case 'role':
      return `${event.user.username} is now ${event.role}`
    case 'described':
      return `${by} changed the description`
    default:
      return event.type
  }
}
