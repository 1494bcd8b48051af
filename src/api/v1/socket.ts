import type { RoomId } from '../../core/index.ts'
import type { Connection, Server, Session } from '../../server/index.ts'
import { LiveRoom, textSession } from '../shared/index.ts'
import { codec, errorFrame, historyFrame, parseFrame } from './frames.ts'

const HISTORY = 50

/** One socket of the contract: a history frame first, then the room as it happens. */
export function v1Session(server: Server, connection: Connection, room: RoomId): Session {
  const { user } = connection
  const ownId = String(user.id)

  return textSession(server, connection, {
    room,
    live: new LiveRoom(server, connection, { id: room, name: '' }, codec),
    async backfill() {
      const page = await server.chat.messages.history({ id: room }, user, 'latest', HISTORY)
      return { head: page.head, frames: [historyFrame(page.messages)] }
    },
    parse(frame) {
      const parsed = parseFrame(frame)
      if (typeof parsed === 'string') return parsed
      if (parsed.user_id !== ownId) return "user_id is not this connection's own"
      return { body: parsed.content, kind: 'text' }
    },
    errorFrame,
    names: { body: 'content', kind: 'type' },
  })
}
