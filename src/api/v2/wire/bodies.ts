import { type Static, Type } from '@sinclair/typebox'
import { Attachment } from './attachments.ts'
import { Id, MentionCount, orNull, Role, RoomKind, Seq, Time } from './common.ts'
import { metadata } from './metadata.ts'
import { Muted, rules } from './rules.ts'

export const UserRef = Type.Object(
  { id: Id, username: Type.String({ examples: ['alice'] }) },
  { description: 'The part of a user that events and messages contain' },
)
export type UserRef = Static<typeof UserRef>

export const User = Type.Object(
  {
    ...UserRef.properties,
    first_name: Type.String({ examples: ['Alice'] }),
    last_name: Type.String({ examples: ['Liddell'] }),
    created_at: Time,
    online: Type.Boolean({
      description: 'Whether any connection of the user is open, or was within the grace period',
    }),
    last_seen: orNull(Time),
    metadata: Type.Optional(metadata),
  },
  { description: "`last_seen` is when the user's last connection closed; null if there was none" },
)
export type User = Static<typeof User>

export const ReactionCount = Type.Object(
  {
    reaction: Type.String({ description: 'One emoji, or a short word', examples: ['👍'] }),
    count: Type.Integer({ minimum: 1, description: 'How many users react so', examples: [3] }),
    users: Type.Array(UserRef, { description: 'The first of them, at most three' }),
  },
  { description: 'How many users react to a message in one way, and who' },
)
export type ReactionCount = Static<typeof ReactionCount>

export const Reaction = Type.Object(
  {
    ...ReactionCount.properties,
    own: Type.Boolean({ description: 'Whether the reader is among the users' }),
  },
  { description: 'How many users react to a message in one way, and whether the reader does' },
)
export type Reaction = Static<typeof Reaction>

export const Thread = Type.Object(
  {
    root: Seq,
    replies: Type.Integer({
      minimum: 0,
      description: 'How many there are, without deleted ones',
      examples: [3],
    }),
    participants: Type.Integer({
      minimum: 0,
      description: 'How many users have written them',
      examples: [2],
    }),
    users: Type.Array(UserRef, {
      description:
        'The first of the participants, at most three, in the order in which they came to the thread',
    }),
    last_seq: orNull(Seq),
    last_at: orNull(Time),
    changed_seq: Seq,
  },
  {
    description:
      'The replies to message `root`, to these, and so on. `last_seq` and `last_at` are the number and the time of the latest, null if none is left. `changed_seq` is the number at which the thread changed last: of two states of a thread the one with the higher number is later, and the other is to be dropped',
  },
)
export type Thread = Static<typeof Thread>

export const Pin = Type.Object(
  { by: UserRef, at: Time },
  { description: 'Who has pinned a message, and when' },
)
export type Pin = Static<typeof Pin>

const MentionOfMany = Type.Union([Type.Literal('room'), Type.Literal('online')])

export const Mentions = Type.Object(
  {
    users: Type.Optional(
      Type.Array(UserRef, { description: 'Members who are named one by one, as they were called then' }),
    ),
    room: Type.Optional(Type.Literal(true, { description: 'Whether it mentions all members: `@room`' })),
    online: Type.Optional(
      Type.Literal(true, {
        description: 'Whether it mentions the members who were online when it was sent: `@online`',
      }),
    ),
    ignored: Type.Optional(
      Type.Array(MentionOfMany, {
        description: 'What has no effect, because the room is too large for it',
      }),
    ),
  },
  {
    description:
      'Whom a message mentions, as it was when the message was sent or last edited. What is missing is not mentioned',
  },
)
export type Mentions = Static<typeof Mentions>

export const Message = Type.Object(
  {
    id: Id,
    room: Id,
    seq: Seq,
    version: orNull(Seq),
    sender: UserRef,
    client_id: Type.String({ description: "The sender's idempotency key", examples: ['01J9Z8-0'] }),
    kind: Type.String({ description: '`text`, or another lower-case word', examples: ['text'] }),
    body: Type.String({ description: 'Empty once deleted', examples: ['Hello, World!'] }),
    reply_to: orNull(Seq),
    root: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'In replies: the number of the message that begins their thread',
        examples: [42],
      }),
    ),
    in_room: Type.Optional(
      Type.Literal(false, { description: 'In replies that are meant to be shown in their thread alone' }),
    ),
    created_at: Time,
    edited_at: orNull(Time),
    deleted_at: orNull(Time),
    metadata: Type.Optional(metadata),
    attachments: Type.Optional(
      Type.Array(Attachment, {
        description: 'Files, in the order in which they were given; missing if there are none',
      }),
    ),
    mentions: Type.Optional(Mentions),
    reactions: Type.Optional(
      Type.Array(Reaction, {
        description:
          'In the order in which they were first used. On pages of messages, in snapshots and with single messages; missing if there are none. Elsewhere always missing: then events of type `reaction` tell them',
      }),
    ),
    thread: Type.Optional(Thread),
    pinned: Type.Optional(Pin),
  },
  {
    description:
      '`seq` is where it was sent, `version` where it was last edited or deleted (null while it never was), `reply_to` the number of the message that it answers. With `deleted_at` set it is a tombstone. `thread` is the one that the message begins: on pages of messages, in snapshots and with single messages; missing if there are no replies. Elsewhere always missing: then the events of replies tell it. `pinned` is in the same places, missing if the message is not pinned; elsewhere events of type `pin` tell it',
  },
)
export type Message = Static<typeof Message>

export const Room = Type.Object(
  {
    id: Id,
    name: orNull(Type.String({ examples: ['engineering'] })),
    kind: RoomKind,
    creator: orNull(UserRef),
    description: Type.String({ examples: ['What we build'] }),
    avatar: Type.String({
      description: 'The URL of a picture, or empty',
      examples: ['https://chat.example.com/avatar.png'],
    }),
    head: Seq,
    member_count: Type.Integer({ minimum: 0, examples: [3] }),
    ...rules,
    created_at: Time,
    updated_at: Time,
    role: orNull(Role),
    invited: Type.Boolean(),
    muted: Type.Optional(Muted),
    read_seq: Seq,
    delivered_seq: Seq,
    unread: Type.Integer({
      minimum: 0,
      maximum: 1000,
      description: 'At most 1,000, which stands for 1,000 or more',
      examples: [2],
    }),
    mentions: MentionCount,
    other: orNull(User),
    metadata: Type.Optional(metadata),
  },
  {
    description:
      'A room as the caller sees it: `role` is null where they are no member, and then the marks, `unread` and `mentions` are 0. `name` is null and `other` the other user for a direct chat only. `head` is the number of the latest change',
  },
)
export type Room = Static<typeof Room>

export const Member = Type.Object(
  {
    user: UserRef,
    role: Role,
    read_seq: Seq,
    delivered_seq: Seq,
    joined_at: Time,
  },
  {
    description:
      'The member has read everything up to `read_seq`; a device of the member has received everything up to `delivered_seq`',
  },
)
export type Member = Static<typeof Member>

export const Marks = Type.Object(
  { user: Id, read_seq: Seq, delivered_seq: Seq },
  { description: 'How far a member has read and received' },
)
export type Marks = Static<typeof Marks>

export const Snapshot = Type.Object(
  {
    room: Room,
    messages: Type.Array(Message, { description: 'The latest, oldest first, tombstones included' }),
    has_older: Type.Boolean(),
    members: orNull(Type.Array(Member)),
  },
  {
    description:
      'A room at one moment: everything up to `room.head` is in it. `members` is null in rooms of more members than are listed',
  },
)
export type Snapshot = Static<typeof Snapshot>
