import type { Example } from '../support/example.ts'

const user1 = { id: 1, username: 'user1' }
const user2 = { id: 2, username: 'user2' }

export const directChatsExamples: readonly Example[] = [
  { answerTo: 'GET /api/users/', status: 200, body: [user1, user2] },
  {
    answerTo: 'GET /api/chats/',
    status: 200,
    body: [
      {
        id: 1,
        participants: [user1, user2],
        other_user: user2,
        created: '2025-05-01T12:00:00Z',
        last_message: { body: 'Hello there!', created: '2025-05-01T12:05:00Z', sender: 'user2' },
        unread_count: 1,
      },
    ],
  },
  { request: 'POST /api/chats/create/', body: { user_id: 2 } },
  {
    answerTo: 'POST /api/chats/create/',
    status: 201,
    body: {
      id: 1,
      participants: [user1, user2],
      other_user: user2,
      created: '2025-05-02T10:30:00Z',
      last_message: null,
      unread_count: 0,
    },
  },
  { answerTo: 'POST /api/chats/create/', status: 400, body: { error: 'Error message here' } },
  { opens: 'GET /ws/chat/{chat_id}/' },
  { sends: { body: 'Hello, how are you?' } },
  {
    receives: {
      message: {
        id: 123,
        sender: 'user1',
        body: 'Hello, how are you?',
        created: '2025-05-02 10:45:30',
        is_read: false,
      },
    },
  },
  { receives: { error: 'An error occurred while processing your message' } },
]
