import type { Example } from '../support/example.ts'

export const liveChatExamples: readonly Example[] = [
  { opens: 'GET /ws/chat/room_name/' },
  { sends: { message: 'Your message here' } },
  { receives: { message: 'Message from another user' } },
  { request: 'POST /chat/send/', body: { message: 'Your message here' } },
  { answerTo: 'POST /chat/send/', status: 200, body: { message: 'Message sent!' } },
  { answerTo: 'GET /chat/history/', status: 200, body: { chat_history: [] } },
  { answerTo: 'GET /chat/history/', status: 200, body: { chat_history: [{ message: 'Your message here' }] } },
]
