import { t } from 'elysia'
import { integer, limitParameter } from '../shared/index.ts'

const time = t.String({ format: 'date-time', examples: ['2025-05-01T12:00:00.000Z'] })

export const UserBody = t.Object({
  id: integer({ examples: [2] }),
  username: t.String({ examples: ['user2'] }),
})

export const ChatBody = t.Object({
  id: integer({ examples: [1] }),
  participants: t.Array(UserBody, { minItems: 2, maxItems: 2 }),
  other_user: UserBody,
  created: time,
  last_message: t.Union([
    t.Object({
      body: t.String({ examples: ['Hello there!'] }),
      created: time,
      sender: t.String({ examples: ['user2'] }),
    }),
    t.Null(),
  ]),
  unread_count: integer({ description: "The other user's unread messages", examples: [1] }),
})

export const NewChat = t.Object({ user_id: integer({ examples: [2] }) })

export const UsersQuery = t.Object({
  search: t.Optional(
    t.String({ description: 'What the username begins with, in any case', examples: ['us'] }),
  ),
  limit: limitParameter('Entries in the page, 1 to 1000; 1000 by default', '100'),
  after: t.Optional(t.String({ description: 'The last id of the page before', examples: ['7'] })),
})
