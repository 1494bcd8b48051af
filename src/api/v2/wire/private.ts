import { type Static, Type } from '@sinclair/typebox'
import { Message } from './bodies.ts'
import { Id, orNull, Seq, Time } from './common.ts'

/*
 * What a user keeps for themselves, the same on all of their devices, in the order of the user's own numbers. Nobody else is told of it.
 */

export const PrivateSeq = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    'A place in the order of what the user keeps privately: the number of a change, over all rooms; 0 is the place before the first',
  examples: [5],
})

const draftText = Type.String({
  description: 'What was begun to write; as long as a message may be',
  examples: ['Hello, W'],
  'x-shown': { maxLength: { setting: 'maxMessageLength' }, pattern: '^[^\\u0000]*$' },
})

export const Draft = Type.Object(
  {
    room: Id,
    private_seq: PrivateSeq,
    text: draftText,
    reply_to: orNull(Seq),
    at: orNull(Time),
  },
  {
    description:
      "The user's draft in a room. `private_seq` is its version, 0 if there never was one; `at` is when it was edited. With an empty `text` and no `reply_to` there is none",
  },
)
export type Draft = Static<typeof Draft>

export const DraftPut = Type.Object(
  {
    text: draftText,
    reply_to: Type.Optional(Seq),
    version: Type.Optional(PrivateSeq),
    edited_ago_ms: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'How many milliseconds ago it was edited; 0 by default',
        examples: [0],
      }),
    ),
  },
  {
    description:
      'A draft; an empty one removes it. `version` is the `private_seq` of the draft that was edited. If another device has written since, the later edit stays',
  },
)
export type DraftPut = Static<typeof DraftPut>

export const Drafted = Type.Object(
  {
    written: Type.Boolean({
      description: 'Whether the edit is stored; `false` if a later one of another device stays',
    }),
    draft: Draft,
  },
  { description: 'The draft as it is now' },
)
export type Drafted = Static<typeof Drafted>

export const DraftEntry = Type.Object(
  { type: Type.Literal('draft'), ...Draft.properties },
  { description: "The user's draft in a room" },
)
export type DraftEntry = Static<typeof DraftEntry>

export const SavedEntry = Type.Object(
  {
    type: Type.Literal('saved'),
    room: Id,
    private_seq: PrivateSeq,
    seq: Seq,
    saved: Type.Boolean({ description: 'Whether the message is saved; `false` once it no longer is' }),
    at: Time,
  },
  { description: 'The user has saved message `seq`, or no longer saves it' },
)
export type SavedEntry = Static<typeof SavedEntry>

export const MarkEntry = Type.Object(
  {
    type: Type.Literal('mark'),
    room: Id,
    private_seq: PrivateSeq,
    read_seq: Seq,
    marked_unread: Type.Boolean({
      description:
        'Whether the user has marked messages as unread: then this is the own read mark, whatever `marks` frames show others, until an entry comes with `false`',
    }),
  },
  { description: "Where the user's own read mark in a room is, since they have marked messages as unread" },
)
export type MarkEntry = Static<typeof MarkEntry>

export const Saved = Type.Object(
  {
    room: Id,
    seq: Seq,
    saved: Type.Boolean({ description: 'Whether the message is saved now' }),
    private_seq: PrivateSeq,
  },
  { description: 'The message is saved, or no longer is' },
)
export type Saved = Static<typeof Saved>

export const UnreadPut = Type.Object(
  { seq: Seq },
  { description: 'The number of the first message that is to be unread' },
)
export type UnreadPut = Static<typeof UnreadPut>

export const SavedMessage = Type.Object(
  { private_seq: PrivateSeq, saved_at: Time, message: Message },
  { description: 'A saved message, as it is now' },
)
export type SavedMessage = Static<typeof SavedMessage>

export const SavedPage = Type.Object(
  {
    items: Type.Array(SavedMessage),
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
  },
  {
    description:
      'A page of saved messages, the latest first: those that the caller may read, without deleted ones',
  },
)
export type SavedPage = Static<typeof SavedPage>

const level = Type.Union([Type.Literal('all'), Type.Literal('mentions'), Type.Literal('none')], {
  description: 'Every message, those that mention the user, or nothing',
})

export const Notifications = Type.Object(
  {
    room: Id,
    thread: orNull(Seq),
    private_seq: PrivateSeq,
    level: orNull(level),
    muted_until: orNull(Time),
  },
  {
    description:
      'What the user wants to be notified of in a room, or in the `thread` of which this is the root. `level` is null while nothing is set: then it is `all` in a room, and what the room has in a thread. Until `muted_until` it is nothing',
  },
)
export type Notifications = Static<typeof Notifications>

export const NotificationsPut = Type.Object(
  {
    level,
    muted_until: Type.Optional(
      orNull(
        Type.String({
          description: 'ISO 8601, with the offset from UTC',
          examples: ['2026-02-13T12:00:00.000Z'],
          'x-shown': { format: 'date-time' },
        }),
      ),
    ),
  },
  { description: 'Replaces what was set: without `muted_until`, or with null, it is not muted' },
)
export type NotificationsPut = Static<typeof NotificationsPut>

export const NotificationsEntry = Type.Object(
  { type: Type.Literal('notifications'), ...Notifications.properties },
  { description: 'What the user wants to be notified of' },
)
export type NotificationsEntry = Static<typeof NotificationsEntry>

/** Further types may come: clients ignore those that they do not know. */
export const PrivateEntry = Type.Union([DraftEntry, SavedEntry, MarkEntry, NotificationsEntry])
export type PrivateEntry = Static<typeof PrivateEntry>

const entries = Type.Array(PrivateEntry, { description: 'The latest state of each, by `private_seq`' })
const reset = Type.Optional(
  Type.Literal(true, {
    description:
      'Nothing can be told after the number that was given. These are the entries from the beginning, and what the client has besides is gone',
  }),
)

export const PrivateState = Type.Object(
  {
    entries,
    head: PrivateSeq,
    more: Type.Boolean({ description: 'Whether there is more; request it after `head`' }),
    reset,
  },
  { description: 'What the user keeps privately, complete up to `head`' },
)
export type PrivateState = Static<typeof PrivateState>

export const PrivatePage = Type.Object(
  {
    items: entries,
    head: PrivateSeq,
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
    reset,
  },
  { description: 'A page of what the user keeps privately, complete up to `head`' },
)
export type PrivatePage = Static<typeof PrivatePage>

export const DraftPage = Type.Object(
  {
    items: Type.Array(Draft),
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
  },
  { description: "A page of the user's drafts, the latest first" },
)
export type DraftPage = Static<typeof DraftPage>

export const PrivateFrame = Type.Object(
  { type: Type.Literal('private'), after: PrivateSeq, head: PrivateSeq, entries },
  {
    description:
      'What the user has changed for themselves after `after` up to `head`, on any device. Sent on connections that have requested `private`. If `after` is not where the client stands, it requests what it has missed',
  },
)
export type PrivateFrame = Static<typeof PrivateFrame>
