import { Type as t } from '@sinclair/typebox'

/** The shapes of the documents 1 to 4, exactly: one key more or less is a mismatch. */
const exact = { additionalProperties: false }
const id = t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const time = t.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' })
const type = t.Union([t.Literal('public'), t.Literal('private'), t.Literal('game')])

/** A message as the room socket sends it, and as the histories of 1, 2 and 4 show it. */
export const RoomFrameShape = t.Object(
  {
    message: t.String({ minLength: 1 }),
    message_type: t.String(),
    username: t.String(),
    user_id: id,
    room: t.String(),
    id,
    seq: id,
    timestamp: time,
  },
  exact,
)
export const ErrorShape = t.Object({ error: t.String({ minLength: 3 }) }, exact)

const room = { id, name: t.String(), type }
const usernames = t.Array(t.String())
export const CreatedRoomShape = t.Object({ ...room, creator: t.String(), invited_users: usernames }, exact)
export const JoinedRoomShape = t.Object({ ...room, members: usernames }, exact)
export const ListedRoomsShape = t.Array(
  t.Object(
    {
      ...room,
      creator: t.Union([t.String(), t.Null()]),
      members_count: t.Integer({ minimum: 0 }),
      created_at: time,
    },
    exact,
  ),
)
export const RoomMessagesShape = t.Object({ messages: t.Array(RoomFrameShape) }, exact)
export const ChatHistoryShape = t.Object({ chat_history: t.Array(RoomFrameShape) }, exact)

export const UserShape = t.Object({ id, username: t.String() }, exact)
export const UsersShape = t.Array(UserShape)
export const ChatShape = t.Object(
  {
    id,
    participants: t.Tuple([UserShape, UserShape]),
    other_user: UserShape,
    created: time,
    last_message: t.Union([
      t.Null(),
      t.Object({ body: t.String({ minLength: 1 }), created: time, sender: t.String() }, exact),
    ]),
    unread_count: t.Integer({ minimum: 0 }),
  },
  exact,
)
export const ChatsShape = t.Array(ChatShape)
export const DirectFrameShape = t.Object(
  {
    message: t.Object(
      {
        id,
        sender: t.String(),
        body: t.String({ minLength: 1 }),
        created: t.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' }),
        is_read: t.Boolean(),
      },
      exact,
    ),
  },
  exact,
)

const group = {
  id,
  name: t.String(),
  description: t.String(),
  room_avatar: t.String(),
  created_at: time,
  updated_at: time,
  members_count: t.Integer({ minimum: 0 }),
}
export const GroupsShape = t.Array(t.Object(group, exact))
export const ListedGroupShape = t.Object({ ...group, is_member: t.Boolean() }, exact)
export const ListedGroupsShape = t.Array(ListedGroupShape)
export const MembersShape = t.Array(
  t.Object({ id, username: t.String(), first_name: t.String(), last_name: t.String() }, exact),
)
const link = t.Union([t.Null(), t.String({ pattern: '^https?://' })])
export const MessagesPageShape = t.Object(
  { count: t.Integer({ minimum: 0 }), next: link, previous: link, results: t.Array(RoomFrameShape) },
  exact,
)
