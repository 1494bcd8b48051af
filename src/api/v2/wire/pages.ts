import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Member, Message, Room, User } from './bodies.ts'
import { orNull, Seq } from './common.ts'
import { RoomEvent } from './events.ts'
import { Revision } from './message-bodies.ts'
import { Invitation, UnreadRoom, UserReaction } from './rest.ts'

/*
 * Lists, page by page.
 */

const next = orNull(Type.String({ description: 'The cursor of the next page; null for the last page' }))

/** A page of a list by id. */
export function pageOf<Schema extends TSchema>(items: Schema) {
  return Type.Object({ items: Type.Array(items), next }, { description: 'A page of a list by id' })
}

export const RoomPage = pageOf(Room)
export type RoomPage = Static<typeof RoomPage>
export const UserPage = pageOf(User)
export type UserPage = Static<typeof UserPage>
export const MemberPage = pageOf(Member)
export type MemberPage = Static<typeof MemberPage>
export const InvitationPage = pageOf(Invitation)
export type InvitationPage = Static<typeof InvitationPage>
export const UnreadPage = pageOf(UnreadRoom)
export type UnreadPage = Static<typeof UnreadPage>

export const RevisionPage = pageOf(Revision)
export type RevisionPage = Static<typeof RevisionPage>

export const ReactionPage = pageOf(UserReaction)
export type ReactionPage = Static<typeof ReactionPage>

export const FoundRooms = Type.Object({ items: Type.Array(Room) }, { description: 'Rooms, by name' })
export type FoundRooms = Static<typeof FoundRooms>

export const ExcerptPart = Type.Object(
  {
    text: Type.String({ examples: ['Hello'] }),
    match: Type.Boolean({ description: 'Whether it is what was searched for' }),
  },
  { description: 'A part of an excerpt' },
)
export type ExcerptPart = Static<typeof ExcerptPart>

export const FoundMessage = Type.Object(
  {
    message: Message,
    excerpt: Type.Array(ExcerptPart, {
      description:
        'A piece of `body` around the first match, at most 240 UTF-16 units: the parts, put together, are in the body as they stand here',
    }),
  },
  { description: 'A message that was found, without its reactions' },
)
export type FoundMessage = Static<typeof FoundMessage>

export const FoundMessages = Type.Object(
  {
    items: Type.Array(FoundMessage, {
      description: 'The newest first. There may be fewer than `limit`, or none, and more on the next page',
    }),
    next,
  },
  { description: 'A page of messages that were found' },
)
export type FoundMessages = Static<typeof FoundMessages>

export const RecentRoom = Type.Object(
  { room: Room, last_message: orNull(Message) },
  { description: 'A room and its latest message, or the tombstone of it; null in a room without messages' },
)
export type RecentRoom = Static<typeof RecentRoom>

export const RecentPage = Type.Object(
  { items: Type.Array(RecentRoom), next },
  { description: "A page of the caller's rooms, the one with the latest message first" },
)
export type RecentPage = Static<typeof RecentPage>

export const MessagePage = Type.Object(
  {
    items: Type.Array(Message, { description: 'Oldest first' }),
    prev: orNull(Type.String({ description: 'The cursor of the page of older messages' })),
    next: orNull(Type.String({ description: 'The cursor of the page of newer messages' })),
    head: Seq,
  },
  { description: 'A page of messages' },
)
export type MessagePage = Static<typeof MessagePage>

export const MentionPage = Type.Object(
  {
    items: Type.Array(Message, { description: 'The latest first' }),
    next: orNull(
      Type.String({
        description:
          'The cursor of the next page, which may be there even if this page has fewer items than asked for',
      }),
    ),
  },
  { description: 'A page of messages that mention the caller' },
)
export type MentionPage = Static<typeof MentionPage>

export const ChangesPage = Type.Object(
  {
    items: Type.Array(RoomEvent, { description: 'In the order in which to apply them' }),
    head: Seq,
    next,
  },
  { description: 'A page of changes, complete up to `head`' },
)
export type ChangesPage = Static<typeof ChangesPage>
