import { type Static, Type } from '@sinclair/typebox'
import { ReactionCount, User, UserRef } from './bodies.ts'
import { Id, MentionCount, orNull, Seq, Time, text } from './common.ts'
import { EditRequest, SendRequest } from './requests.ts'
import { Marked } from './results.ts'
import { rulesPatch } from './rules.ts'

/*
 * The bodies that only REST has.
 */

const duration = (description: string) =>
  Type.Integer({ minimum: 0, description: `Milliseconds ${description}`, examples: [2_592_000_000] })
const token = Type.String({
  description: '40 hex characters; shown only once',
  examples: ['9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'],
})

const atLeastOne = {
  minProperties: 1,
  description: 'Fields that are left out stay the same; at least one is required',
}

const newPassword = {
  description: 'At most 256 characters',
  'x-shown': { minLength: { setting: 'minPasswordLength' }, ...text(256) },
}

export const Credentials = Type.Object(
  {
    username: Type.String({ description: 'Case does not matter', examples: ['alice'] }),
    password: Type.String({ examples: ['correct horse battery staple'] }),
  },
  { description: 'The credentials of a sign-in' },
)
export type Credentials = Static<typeof Credentials>

export const NewUser = Type.Object(
  {
    username: Type.String({
      description: 'Letters, digits and @ . + - _, at most 150; unique, ignoring case',
      examples: ['alice'],
      'x-shown': {
        format: 'username',
        minLength: 1,
        maxLength: 150,
        pattern: '^(?:(?!\\p{DI})[\\p{L}\\p{N}\\p{Mn}\\p{Mc}@.+_-])+$',
      },
    }),
    password: Type.String({ ...newPassword, examples: ['correct horse battery staple'] }),
  },
  { description: 'A new account' },
)
export type NewUser = Static<typeof NewUser>

export const SignedIn = Type.Object(
  { user: User, token, expires_in_ms: duration('until the token ends') },
  { description: 'An account, and a token that identifies it' },
)
export type SignedIn = Static<typeof SignedIn>

export const Token = Type.Object(
  { token, expires_in_ms: duration('until the token ends') },
  { description: 'A further token of the caller' },
)
export type Token = Static<typeof Token>

export const ListedToken = Type.Object(
  {
    id: Type.String({
      description: 'The id by which the token is revoked; not the token itself',
      examples: ['2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'],
    }),
    created_at: Time,
    expires_at: Time,
    current: Type.Boolean({ description: 'Whether it is the token of this request' }),
  },
  { description: 'A token of the user' },
)
export type ListedToken = Static<typeof ListedToken>

export const ListedTokens = Type.Object(
  {
    items: Type.Array(ListedToken, { description: 'Newest first, at most 1,000' }),
  },
  { description: "The caller's tokens" },
)
export type ListedTokens = Static<typeof ListedTokens>

export const Ticket = Type.Object(
  {
    ticket: Type.String({ examples: ['0fb1c2a8e9d3470b8b5f6a1d2c3e4f5061728394'] }),
    expires_in_ms: Type.Integer({ minimum: 0, description: 'Milliseconds', examples: [30_000] }),
  },
  { description: 'A ticket, which opens one socket in place of a token' },
)
export type Ticket = Static<typeof Ticket>

const name = (example: string) =>
  Type.String({
    description: 'At most 150 characters, none of them invisible, control or direction characters',
    examples: [example],
    'x-shown': { format: 'person-name', ...text(150) },
  })

export const ProfilePatch = Type.Object(
  {
    first_name: Type.Optional(name('Alice')),
    last_name: Type.Optional(name('Liddell')),
    metadata: EditRequest.properties.metadata,
  },
  atLeastOne,
)
export type ProfilePatch = Static<typeof ProfilePatch>

export const PasswordChange = Type.Object(
  {
    current_password: Type.String({ examples: ['correct horse battery staple'] }),
    new_password: Type.String({ ...newPassword, examples: ['9 lives, 1 cat'] }),
  },
  { description: 'The current and the new password' },
)
export type PasswordChange = Static<typeof PasswordChange>

const description = Type.String({
  description: 'At most 2,000 characters',
  examples: ['What we build'],
  'x-shown': text(2000),
})
const avatar = Type.String({
  description: 'The URL of a picture, or empty; at most 2,000 characters',
  examples: ['https://chat.example.com/avatar.png'],
  'x-shown': text(2000),
})
const userIds = (what: string) => Type.Array(Id, { maxItems: 1000, description: what, examples: [[7, 8]] })

export const NewRoom = Type.Object(
  {
    name: Type.String({
      description:
        '1 to 100 characters, not only digits; unique, ignoring case, among the rooms that the caller may see',
      examples: ['engineering'],
      'x-shown': { format: 'room-name', minLength: 1, maxLength: 100 },
    }),
    kind: Type.Union([Type.Literal('public'), Type.Literal('private'), Type.Literal('game')]),
    description: Type.Optional(description),
    avatar: Type.Optional(avatar),
    invited: Type.Optional(userIds('Ids of users to invite')),
  },
  { description: 'A new room' },
)
export type NewRoom = Static<typeof NewRoom>

export const RoomPatch = Type.Object(
  {
    description: Type.Optional(description),
    avatar: Type.Optional(avatar),
    metadata: EditRequest.properties.metadata,
    ...rulesPatch,
  },
  atLeastOne,
)
export type RoomPatch = Static<typeof RoomPatch>

export const NewDirect = Type.Object({ user: Id }, { description: 'The other user of a direct chat' })
export type NewDirect = Static<typeof NewDirect>

export const NewInvitations = Type.Object(
  { users: userIds('Ids of users') },
  { description: 'The users to invite' },
)
export type NewInvitations = Static<typeof NewInvitations>

export const Invited = Type.Object(
  { items: Type.Array(UserRef) },
  { description: 'The users of the request, each once' },
)
export type Invited = Static<typeof Invited>

export const Invitation = Type.Object(
  { user: UserRef, invited_by: UserRef, at: Time },
  { description: 'The invited user, the inviting user and the time' },
)
export type Invitation = Static<typeof Invitation>

const { body, kind, reply_to, in_room, metadata, attachments, mentions } = SendRequest.properties

export const NewMessage = Type.Object(
  { body, kind, reply_to, in_room, metadata, attachments, mentions },
  { description: 'A new message' },
)
export type NewMessage = Static<typeof NewMessage>

export const MessagePatch = Type.Object(
  { body: EditRequest.properties.body, metadata: EditRequest.properties.metadata, mentions },
  {
    minProperties: 1,
    description:
      'What is new of a message. Without `body` the text stays, and so do the mentions unless they are given',
  },
)
export type MessagePatch = Static<typeof MessagePatch>

export const UserReaction = Type.Object(
  { user: UserRef, reaction: ReactionCount.properties.reaction, at: Time },
  { description: "One user's reaction to a message" },
)
export type UserReaction = Static<typeof UserReaction>

export const MarksPut = Type.Object(
  { read_seq: Type.Optional(Seq), delivered_seq: Type.Optional(Seq) },
  atLeastOne,
)
export type MarksPut = Static<typeof MarksPut>

export const Presence = Type.Object(
  {
    online: orNull(Type.Array(UserRef, { description: 'The members who are online' })),
    online_count: Type.Integer({ minimum: 0, examples: [3] }),
  },
  { description: 'Who is online in a room; `online` is null in rooms that do not list their members' },
)
export type Presence = Static<typeof Presence>

export const UnreadRoom = Type.Object(
  {
    room: Id,
    unread: Marked.properties.unread,
    mentions: MentionCount,
    read_seq: Seq,
    head: Seq,
  },
  { description: 'A room with unread messages' },
)
export type UnreadRoom = Static<typeof UnreadRoom>
