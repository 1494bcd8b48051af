import type { Static } from '@sinclair/typebox'
import { type Answer, type Ask, ask, expectAnswer } from './rest.ts'
import { openSocket, type TestSocket } from './socket.ts'
import { HistoryFrame, MessageShape, MessagesShape, NewUserShape, RoomShape } from './v1-shapes.ts'

export type V1User = Static<typeof NewUserShape>
export type V1Room = Static<typeof RoomShape>
export type V1Message = Static<typeof MessageShape>
export type V1Client = ReturnType<typeof v1Client>

/** A client of Chat API v1 as document 5 describes it. Every response is checked against its shape. */
export function v1Client(app: { url: string; wsUrl: string }) {
  let made = 0
  const call = (method: string, path: string, options?: Ask): Promise<Answer> =>
    ask(method, `${app.url}/api/v1${path}`, options)

  return {
    call,

    async room(name = `Room ${++made}-${crypto.randomUUID()}`, options: Ask = {}): Promise<V1Room> {
      return expectAnswer(await call('POST', '/rooms', { ...options, json: { name } }), 200, RoomShape)
    },

    async user(username = `user${++made}-${crypto.randomUUID()}`): Promise<V1User> {
      return expectAnswer(await call('POST', '/users', { json: { username } }), 200, NewUserShape)
    },

    async say(room: V1Room, user: V1User, content: string): Promise<V1Message> {
      const json = { content, user_id: user.id, type: 'text' }
      const answer = await call('POST', `/rooms/${room.id}/messages`, { json, token: user.token })
      return expectAnswer(answer, 200, MessageShape)
    },

    async messages(room: V1Room, query = ''): Promise<V1Message[]> {
      return expectAnswer(await call('GET', `/rooms/${room.id}/messages${query}`), 200, MessagesShape)
    },

    /** Opens the room's socket with the user's id, or with the credential in `query`. */
    open(room: V1Room, user: V1User, query = '', headers: Record<string, string> = {}): TestSocket {
      return openSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${user.id}${query}`, headers)
    },

    /** Does the same, and resolves once the history has arrived and the user is in the room: later messages arrive as frames. */
    async join(room: V1Room, user: V1User): Promise<{ socket: TestSocket; history: V1Message[] }> {
      const socket = this.open(room, user)
      const { messages } = await socket.next(HistoryFrame)
      // The client's own message comes back only once the socket is live.
      const word = `here ${crypto.randomUUID()}`
      socket.send({ type: 'text', content: word, user_id: user.id })
      await socket.nextWhere(MessageShape, (frame) => frame.content === word)
      return { socket, history: messages }
    },
  }
}
