import type * as core from '../../core/index.ts'
import { isoTime } from '../shared/index.ts'
import { detailsBody, metadataOf } from './details-bodies.ts'
import type * as wire from './wire/index.ts'

/*
 * Turns the core's values into bodies of the wire, for REST and the socket. Callers pass the set of online users, which is read
 * once per request; anyone absent from it is offline.
 */

export type Online = ReadonlySet<core.UserId>

export function userRef({ id, username }: core.UserRef): wire.UserRef {
  return { id, username }
}

export function userBody(user: core.Profile, online: Online): wire.User {
  return {
    id: user.id,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    created_at: isoTime(user.createdAt),
    online: online.has(user.id),
    last_seen: timeOrNull(user.lastSeen),
    ...metadataOf(user),
  }
}

/** What a reader sees besides messages, of several of them. */
type Seen = Pick<core.HistoryPage, 'reactions' | 'threads' | 'pins'>

/** Returns a message with its reactions, the thread that it begins, and who has pinned it, as the reader sees them. */
export function seenMessage(message: core.Message, { reactions, threads, pins }: Seen): wire.Message {
  const [thread, pin] = [threads.get(message.seq), pins.get(message.seq)]
  const body = messageBody(message, reactions.get(message.seq))
  const begun = thread === undefined ? body : { ...body, thread: threadBody(thread) }
  return pin === undefined ? begun : { ...begun, pinned: pinBody(pin) }
}

export function pinBody({ by, at }: core.Pin): wire.Pin {
  return { by: userRef(by), at: isoTime(at) }
}

export function threadBody(thread: core.Thread): wire.Thread {
  return {
    root: thread.root,
    replies: thread.replies,
    participants: thread.participants,
    users: thread.users.map(userRef),
    last_seq: thread.lastSeq,
    last_at: timeOrNull(thread.lastAt),
    changed_seq: thread.changedSeq,
  }
}

export function ownThreadBody(
  room: core.RoomId,
  { root, following, readSeq, unread, version }: core.OwnThread,
): wire.OwnThread {
  return { room, root, following, read_seq: readSeq, unread, version }
}

/** @param reactions to the message, as the reader sees them; left out in events, which tell them separately */
export function messageBody(
  message: core.Message,
  reactions: readonly core.SeenReaction[] = [],
): wire.Message {
  const plain = message.replyTo === null ? plainMessage(message) : replyBody(message)
  const body = message.details === null ? plain : { ...plain, ...detailsBody(message.details) }
  if (reactions.length === 0 || message.deletedAt !== null) return body
  return { ...body, reactions: reactions.map((each) => ({ ...reactionCount(each), own: each.own })) }
}

export function reactionCount({ reaction, count, users }: core.Reaction): wire.ReactionCount {
  return { reaction, count, users: users.map(userRef) }
}

/** A reply from before there were threads may have no root yet. */
function replyBody(message: core.Message): wire.Message {
  const { root, inRoom } = message
  const body = plainMessage(message)
  return { ...body, ...(root === null ? {} : { root }), ...(inRoom ? {} : { in_room: false }) }
}

function plainMessage(message: core.Message): wire.Message {
  return {
    id: message.id,
    room: message.roomId,
    seq: message.seq,
    version: message.versionSeq,
    sender: userRef(message.sender),
    client_id: message.clientId,
    kind: message.kind,
    body: message.body,
    reply_to: message.replyTo,
    created_at: isoTime(message.createdAt),
    edited_at: timeOrNull(message.editedAt),
    deleted_at: timeOrNull(message.deletedAt),
  }
}

/** @param online the online users, as far as the caller has looked them up */
export function roomBody(view: core.RoomView, online: Online = nobody): wire.Room {
  const { room } = view
  return {
    id: room.id,
    name: room.name,
    kind: room.kind,
    creator: room.creator && userRef(room.creator),
    description: room.description,
    avatar: room.avatar,
    head: room.lastSeq,
    member_count: room.memberCount,
    posting: room.posting,
    slow_mode: room.slowMode,
    created_at: isoTime(room.createdAt),
    updated_at: isoTime(room.updatedAt),
    role: view.role,
    invited: view.invited,
    ...(view.mute === undefined ? {} : { muted: { until: timeOrNull(view.mute.until) } }),
    read_seq: view.readSeq,
    delivered_seq: view.deliveredSeq,
    unread: view.unread,
    ...mentionCount(view),
    other: view.other && userBody(view.other, online),
    ...metadataOf(room),
  }
}

export function memberBody(member: core.Member): wire.Member {
  return {
    user: userRef(member.user),
    role: member.role,
    read_seq: member.readSeq,
    delivered_seq: member.deliveredSeq,
    joined_at: isoTime(member.joinedAt),
  }
}

export function reactedBody(
  room: core.RoomId,
  seq: core.Seq,
  { reaction, on, shownAt }: core.Reacted,
): wire.Reacted {
  return { room, seq, reaction, on, shown_at: shownAt }
}

export function marksBody({ user, readSeq, deliveredSeq }: core.Marks): wire.Marks {
  return { user, read_seq: readSeq, delivered_seq: deliveredSeq }
}

export function markedBody(room: core.RoomId, marks: core.OwnMarks): wire.Marked {
  const { readSeq, deliveredSeq, unread, head } = marks
  return { room, read_seq: readSeq, delivered_seq: deliveredSeq, unread, ...mentionCount(marks), head }
}

/** The count of unread mentions, which is left out if it is 0, as nearly always. */
export function mentionCount({ mentions }: { readonly mentions: number }): { mentions?: number } {
  return mentions === 0 ? {} : { mentions }
}

export function snapshotBody(snapshot: core.Snapshot, online: Online): wire.Snapshot {
  return {
    room: roomBody(snapshot.view, online),
    messages: snapshot.messages.map((message) => seenMessage(message, snapshot)),
    has_older: snapshot.hasOlder,
    members: snapshot.members?.map(memberBody) ?? null,
  }
}

const nobody: Online = new Set()

export function timeOrNull(date: Date | null): string | null {
  return date === null ? null : isoTime(date)
}
