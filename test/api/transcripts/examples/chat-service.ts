import type { Example } from '../support/example.ts'

const room = { id: 1, name: 'Room Name', type: 'private' }

export const chatServiceExamples: readonly Example[] = [
  { opens: 'GET /ws/chat/my_room/' },
  { sends: { message: 'Your message here' } },
  { receives: { message: 'Message from another user' } },
  { sends: { message: 'Hello, World!' } },
  {
    request: 'POST /chat/create-room/',
    body: { name: 'Room Name', type: 'private', invited_users: [2, 3, 4] },
  },
  {
    answerTo: 'POST /chat/create-room/',
    status: 201,
    body: { ...room, creator: 'creator_username', invited_users: ['user1', 'user2'] },
  },
  { answerTo: 'POST /chat/create-room/', status: 400, body: { error: 'Room name is required' } },
  { answerTo: 'POST /chat/create-room/', status: 400, body: { error: 'Room name already exists' } },
  { request: 'POST /chat/join-room/', body: { room_id: 1 } },
  { answerTo: 'POST /chat/join-room/', status: 200, body: { ...room, members: ['user1', 'user2'] } },
  { answerTo: 'POST /chat/join-room/', status: 404, body: { error: 'Room not found' } },
  {
    answerTo: 'POST /chat/join-room/',
    status: 403,
    body: { error: 'You are not authorized to join this room' },
  },
  { request: 'GET /chat/rooms/' },
  { request: 'DELETE /chat/rooms/{id}/' },
  { request: 'POST /chat/rooms/{id}/invite/', body: { users: [2] } },
  { request: 'GET /chat/rooms/{id}/messages/' },
]
