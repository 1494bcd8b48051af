import { t } from 'elysia'
import { idRange, idText, integer, RoomFrame, roomNameShown } from '../shared/index.ts'

const id = integer({ examples: [1] })
const ids = t.Array(integer({ 'x-shown': idRange }), {
  maxItems: 1000,
  description: 'Ids of users, at most 1,000',
  examples: [[2, 3, 4]],
})
const usernames = t.Array(t.String(), { examples: [['user1', 'user2']] })
const name = t.String({
  description:
    '1 to 100 characters, not only digits; unique, ignoring case, among the rooms that the caller may see',
  examples: ['Room Name'],
})
const type = t.String({
  description: '`private` or `game`; `public` for rooms of other APIs',
  examples: ['private'],
})
const creator = t.Union([t.String({ examples: ['creator_username'] }), t.Null()])

/** `name` is optional in the schema so that a missing name gets the documented error text. */
export const NewRoom = t.Object(
  {
    name: t.Optional(t.String({ ...name, 'x-shown': roomNameShown })),
    type: t.Optional(
      t.String({
        description: '`private` (default) or `game`',
        examples: ['private'],
        'x-shown': { enum: ['private', 'game'] },
      }),
    ),
    invited_users: t.Optional(ids),
  },
  { 'x-shown': { required: ['name'] } },
)
export const CreatedRoom = t.Object({ id, name, type, creator, invited_users: usernames })
export const JoinRoom = t.Object({ room_id: integer({ examples: [1], 'x-shown': idRange }) })
export const JoinedRoom = t.Object({ id, name, type, members: usernames })
export const RoomPath = t.Object({ id: idText("The room's id") })
export const Invite = t.Object({ users: ids })
export const InvitedRoom = t.Object({ id, name, type, invited_users: usernames })
export const ListedRoom = t.Object({
  id,
  name,
  type,
  creator,
  members_count: integer({ examples: [5] }),
  created_at: t.String({ format: 'date-time', examples: ['2025-02-13T10:00:00.000Z'] }),
})
export const Messages = t.Object({ messages: t.Array(RoomFrame) })
