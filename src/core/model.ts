/** What the chat is made of. Plain data: no behaviour, no storage, no wire format. */

import type { MessageId, RoomId, Seq, UserId, UserRef } from './ids.ts'
import type { JsonText, MessageDetails } from './message-details.ts'
import type { Ending, Posting } from './moderation-model.ts'
import type { Pins } from './pin.ts'
import type { SeenReactions } from './reaction.ts'
import type { Thread, Threads } from './thread.ts'

export * from './ids.ts'
export type * from './message-details.ts'
export type * from './moderation-model.ts'
export type * from './pin.ts'
export type * from './reaction.ts'
export type * from './thread.ts'

/** `direct` is exactly two users; `private` and `game` are for members and the invited; `public` is for anyone signed in. */
export type RoomKind = 'public' | 'private' | 'game' | 'direct'
export type Role = 'owner' | 'admin' | 'member'

/**
 * `person` signs in with a password. `open` was made without one; if ids are trusted, its id alone is enough to use it. `guest` is used
 * as long as a connection lasts, and is listed nowhere.
 */
export type AccountKind = 'person' | 'open' | 'guest'

export interface User extends UserRef {
  readonly firstName: string
  readonly lastName: string
  readonly createdAt: Date
  /** When the user's last connection closed; null if they were never connected. */
  readonly lastSeen: Date | null
}

/** A user as others see them. Not what sign-ins hold, for as long as they last. */
export interface Profile extends User {
  /** What the user's clients say to others; null if nothing. */
  readonly metadata: JsonText | null
}

export interface Room {
  readonly id: RoomId
  /** null for direct chats only. */
  readonly name: string | null
  readonly kind: RoomKind
  /** null if no user created it: a contract without accounts did, or the server. */
  readonly creator: UserRef | null
  readonly description: string
  readonly avatar: string
  /** What clients say about the room to each other; null if nothing. */
  readonly metadata: JsonText | null
  /** The number of the room's latest durable change. */
  readonly lastSeq: Seq
  readonly memberCount: number
  readonly posting: Posting
  /** Seconds that a plain member waits between two messages; 0 for none. */
  readonly slowMode: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Member {
  readonly user: User
  readonly role: Role
  /** The member has read everything up to this number. */
  readonly readSeq: Seq
  /** Everything up to this number has reached a device of the member: never less than `readSeq`. */
  readonly deliveredSeq: Seq
  readonly joinedAt: Date
}

export interface Message {
  readonly id: MessageId
  readonly roomId: RoomId
  /** The number at which it was sent. */
  readonly seq: Seq
  /** The number at which it was last edited or deleted; null if it never was. */
  readonly versionSeq: Seq | null
  readonly sender: UserRef
  /** The sender's idempotency key. */
  readonly clientId: string
  /** `text`, or another lower-case word that the clients agree on. */
  readonly kind: string
  /** Empty once deleted. */
  readonly body: string
  /** The number of the message in the same room that this one answers. */
  readonly replyTo: Seq | null
  /** null if it has none, as nearly all messages, and as tombstones. */
  readonly details: MessageDetails | null
  /** Of a reply: the number of the message that begins its thread. null for others, and for replies that are not gathered yet. */
  readonly root: Seq | null
  /** Of a reply: its thread as it is after the message's latest change, or as it is later; null where that is not told. */
  readonly thread: Thread | null
  /** Whether a reply is shown in the room, too, and not only in its thread. */
  readonly inRoom: boolean
  readonly createdAt: Date
  readonly editedAt: Date | null
  /** Set on a tombstone: the message keeps its place and number, and loses its body. */
  readonly deletedAt: Date | null
}

/** What a message said before it was edited. */
export interface Revision {
  /** The number at which the message came to say this. */
  readonly version: Seq
  readonly body: string
  readonly details: MessageDetails | null
  /** When the message came to say this. */
  readonly at: Date
  /** When an edit replaced it. */
  readonly replacedAt: Date
}

/** What `access.ts` decides by: a room, and what a user is to it. */
export interface AccessFacts {
  readonly room: Room
  readonly role: Role | null
  readonly invited: boolean
  /** The ban that keeps the user out now, if there is one. */
  readonly ban?: Ending
  /** The mute that keeps the member silent now, if there is one. */
  readonly mute?: Ending
}

/** A room in a list that shows whether the reader is in it. */
export interface ListedRoom {
  readonly room: Room
  readonly isMember: boolean
}

/** A room in a list by activity. */
export interface RecentRoom {
  readonly view: RoomView
  /** The latest message, or its tombstone; null in a room without messages. */
  readonly lastMessage: Message | null
}

/** A direct chat as one of its two users sees it. */
export interface DirectSummary {
  readonly room: Room
  readonly other: User
  readonly lastMessage: Message | null
  /** The other user's messages after the reader's mark. */
  readonly unread: number
}

/** How far a member has read and received. */
export interface Marks {
  readonly user: UserId
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
}

/** A member's own marks, and what is left to read. */
export interface OwnMarks {
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
  /** Others' messages after `readSeq` up to `head` that are shown in the room, without tombstones; of the latest 10,000, and counted up to 1,000. */
  readonly unread: number
  /** How many messages of the same range mention the member, by name, by `@online` or by `@room`; counted up to 1,000. */
  readonly mentions: number
  /** The room's number when the messages were counted. */
  readonly head: Seq
}

/** A room as one user sees it. */
export interface RoomView extends AccessFacts {
  /** The marks, `unread` and `mentions` (as in `OwnMarks`, up to the room's `lastSeq`) are 0 for non-members. */
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
  readonly unread: number
  readonly mentions: number
  /** The other user of a direct chat; null for rooms. */
  readonly other: Profile | null
}

/** A room in which the user has unread messages. */
export interface UnreadRoom extends Pick<OwnMarks, 'unread' | 'mentions' | 'readSeq' | 'head'> {
  readonly room: RoomId
}

/** A room at one moment: everything up to `view.room.lastSeq` is in it. */
export interface Snapshot {
  readonly view: RoomView
  /** The latest, oldest first, tombstones included. */
  readonly messages: readonly Message[]
  /** To these messages, as the snapshot's user sees them. */
  readonly reactions: SeenReactions
  /** Those that these messages begin. */
  readonly threads: Threads
  /** Of these messages. */
  readonly pins: Pins
  readonly hasOlder: boolean
  /** By id; null if the room has more members than are listed. */
  readonly members: readonly Member[] | null
}

/** What a member who already has the room's messages needs besides them. */
export interface RoomFacts {
  readonly view: RoomView
  /** The marks of all members, by id; null if the room has more members than are listed. */
  readonly marks: readonly Marks[] | null
}

export interface Invitation {
  readonly user: User
  readonly invitedBy: UserRef
  readonly at: Date
}

/** A page of messages, oldest first. */
export interface HistoryPage {
  readonly messages: readonly Message[]
  /** To these messages; empty if the page is for no viewer. */
  readonly reactions: SeenReactions
  /** Those that these messages begin. */
  readonly threads: Threads
  /** Of these messages; empty if the page is for no viewer. */
  readonly pins: Pins
  /** The room's number when the page was read: changes after it are not in the page. */
  readonly head: Seq
  /** Whether there are messages before the page's first, and after its last. */
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}
