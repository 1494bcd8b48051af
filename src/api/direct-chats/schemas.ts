import { t } from 'elysia'
import { idRange, integer, paging } from '../shared/index.ts'

const time = t.String({ format: 'date-time', examples: ['2025-05-01T12:00:00.000Z'] })

export const UserBody = t.Object({
  id: integer({ examples: [2] }),
  username: t.String({ examples: ['user2'] }),
})

export const LastMessage = t.Object({
  body: t.String({ examples: ['Hello there!'] }),
  created: time,
  sender: t.String({ examples: ['user2'] }),
})

export const ChatBody = t.Object({
  id: integer({ examples: [1] }),
  participants: t.Array(UserBody, { minItems: 2, maxItems: 2 }),
  other_user: UserBody,
  created: time,
  last_message: t.Union([LastMessage, t.Null()]),
  unread_count: integer({ description: 'Unread messages of the other user', examples: [1] }),
})

export const NewChat = t.Object({ user_id: integer({ examples: [2], 'x-shown': idRange }) })

export const UsersQuery = t.Object({
  search: t.Optional(t.String({ description: 'The beginning of usernames, in any case', examples: ['us'] })),
  ...paging(1000).properties,
})
