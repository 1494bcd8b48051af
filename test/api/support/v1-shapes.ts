import { Type as t } from '@sinclair/typebox'

/** The shapes of document 5, exactly: one key more or less is a mismatch. */
const exact = { additionalProperties: false }
const id = t.String({ pattern: '^[1-9][0-9]{0,15}$' })
const time = t.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' })

export const RoomShape = t.Object({ id, name: t.String(), created_at: time }, exact)
export const UserShape = t.Object({ id, username: t.String(), created_at: time }, exact)
/** The response to the creation of a user: the documented user, and the token that the contract adds. */
export const NewUserShape = t.Object(
  { ...UserShape.properties, token: t.String({ pattern: '^[0-9a-f]{40}$' }) },
  exact,
)
export const MessageShape = t.Object(
  { id, room_id: id, user_id: id, content: t.String(), type: t.String(), created_at: time },
  exact,
)
export const RoomsShape = t.Array(RoomShape)
export const UsersShape = t.Array(UserShape)
export const MessagesShape = t.Array(MessageShape)
export const DetailShape = t.Object({ detail: t.String({ minLength: 3 }) }, exact)

export const HistoryFrame = t.Object({ type: t.Literal('history'), messages: MessagesShape }, exact)
export const SystemFrame = t.Object(
  { type: t.Literal('system'), content: t.String(), timestamp: time },
  exact,
)
export const ErrorFrame = t.Object({ type: t.Literal('error'), detail: t.String({ minLength: 3 }) }, exact)
export const TextFrame = t.Object({ ...MessageShape.properties, type: t.Literal('text') }, exact)
