import type { RoomId } from '../../core/index.ts'
import {
  type Connection,
  LiveRoom,
  type Server,
  type Session,
  type TextContract,
  TextSession,
} from '../../server/index.ts'
import { errorFrame, parts } from './errors.ts'
import { codec, historyFrame, parseFrame } from './frames.ts'

const HISTORY = 50

const contract: TextContract = {
  parse(frame, user) {
    const parsed = parseFrame(frame)
    if (typeof parsed === 'string') return parsed
    if (parsed.user_id !== String(user.id)) return "user_id is not this connection's own"
    return { body: parsed.content, kind: 'text', clientId: null, replyTo: null, details: null }
  },
  errorFrame,
  names: parts,
}

/** One socket of the contract: first a history frame, then the events of the room. */
export function v1Session(server: Server, connection: Connection, room: RoomId): Session {
  const live = new LiveRoom(server, connection, { id: room, name: '' }, codec)
  return new TextSession(server, connection, contract, room, live, async () => {
    const page = await server.chat.messages.history({ id: room }, connection.user, 'latest', HISTORY)
    return { head: page.head, frame: (now) => historyFrame(page.messages.map(now)) }
  })
}
