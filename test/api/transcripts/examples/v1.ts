import type { Example } from '../support/example.ts'

const time = '2024-04-01T12:00:00Z'
const room = { id: 'room123', name: 'General Chat', created_at: time }
const user = { id: 'user123', username: 'john_doe', created_at: time }
const sent = { content: 'Hello, World!', user_id: 'user123', type: 'text' }
const message = { id: 'message123', room_id: 'room123', ...sent, created_at: time }
const messages = '/api/v1/rooms/{room_id}/messages'

export const v1Examples: readonly Example[] = [
  { opens: 'GET /api/v1/ws/{room_id}/{user_id}' },
  { sends: { type: 'text', content: 'Hello, World!', user_id: 'user123' } },
  { sends: { type: 'text', content: 'Hello!', user_id: 'user123' } },
  { receives: { ...message, content: 'Hello!' } },
  { receives: { type: 'history', messages: [{ ...message, content: 'Hello!' }] } },
  { receives: { type: 'system', content: 'User user123 left the chat', timestamp: time } },
  { receives: { type: 'system', content: 'User user123 joined the chat', timestamp: time } },
  { request: 'POST /api/v1/rooms', body: { name: 'General Chat' } },
  { answerTo: 'POST /api/v1/rooms', status: 200, body: room },
  { answerTo: 'GET /api/v1/rooms', status: 200, body: [room] },
  { answerTo: 'GET /api/v1/rooms/{room_id}', status: 200, body: room },
  { request: 'POST /api/v1/users', body: { username: 'john_doe' } },
  { answerTo: 'POST /api/v1/users', status: 200, body: user },
  { answerTo: 'GET /api/v1/users', status: 200, body: [user] },
  { answerTo: 'GET /api/v1/users/{user_id}', status: 200, body: user },
  { request: `POST ${messages}`, body: sent },
  { answerTo: `POST ${messages}`, status: 200, body: message },
  { answerTo: `GET ${messages}?limit=50`, status: 200, body: [message] },
  { answerTo: 'POST /api/v1/rooms', status: 400, body: { detail: 'Error message here' } },
  { answerTo: `POST ${messages}`, status: 401, body: { detail: 'Error message here' } },
  { answerTo: `POST ${messages}`, status: 404, body: { detail: 'Error message here' } },
]
