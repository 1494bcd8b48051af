import type { Example } from '../support/example.ts'

const messages = 'GET /api/chat/groups/{room}/messages/'

export const groupsExamples: readonly Example[] = [
  { opens: 'GET /ws/chat/2nd_year/?token={token}' },
  { sends: { message: 'Hello, world!', message_type: 'text' } },
  {
    answerTo: 'GET /api/chat/groups/',
    status: 200,
    body: [
      {
        id: 1,
        name: '2nd_year',
        description: 'Room for second-year students',
        room_avatar: 'https://...',
        created_at: '2025-02-13T10:00:00Z',
        updated_at: '2025-02-13T10:00:00Z',
        members_count: 5,
      },
    ],
  },
  {
    answerTo: 'GET /api/chat/groups/{room}/members/',
    status: 200,
    body: [
      { id: 1, username: 'anagh', first_name: 'Anagh', last_name: 'Singh' },
      { id: 2, username: 'john_doe', first_name: 'John', last_name: 'Doe' },
    ],
  },
  { answerTo: 'GET /api/chat/groups/all/', status: 200, body: [{ name: '2nd_year', is_member: true }] },
  { request: 'POST /api/chat/groups/{room}/join/' },
  { request: 'POST /api/chat/groups/{room}/leave/' },
  { answerTo: messages, status: 200, body: { count: 3, next: null, previous: null } },
  { answerTo: messages, status: 403, body: { detail: 'You are not a member of this room.' } },
  { answerTo: `${messages}?page=2`, status: 404, body: { detail: 'Invalid page.' } },
  { answerTo: 'GET /api/chat/groups/{room}/members/', status: 404, body: { detail: 'Not found.' } },
  {
    answerTo: 'GET /api/chat/groups/',
    status: 401,
    body: { detail: 'Authentication credentials were not provided.' },
  },
  { answerTo: 'GET /api/chat/groups/', status: 401, body: { detail: 'Invalid token.' } },
]
