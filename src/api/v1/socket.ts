import type { RoomId, SendReply } from '../../core/index.ts'
import type { Connection, Server, Session } from '../../server/index.ts'
import { CLOSE_NOT_ALLOWED, errorText, LiveRoom } from '../shared/index.ts'
import { codec, errorFrame, historyFrame, parseFrame } from './frames.ts'

const HISTORY = 50

/** One socket of the contract: a history frame first, then the room as it happens. */
export function v1Session(server: Server, connection: Connection, room: RoomId): Session {
  const { chat } = server
  const { user } = connection
  const ownId = String(user.id)
  const live = new LiveRoom(server, connection, { id: room, name: '' }, codec)
  // The sender sees the message as everyone does, so only refusals are answered.
  const reply: SendReply = {
    sent: () => undefined,
    refused: (error) =>
      connection.send(errorFrame(errorText(error, { body: 'content', kind: 'type' }, server.log))),
  }

  return {
    opened() {
      live.start(async () => {
        const page = await chat.messages.history({ id: room }, user, 'latest', HISTORY)
        connection.send(historyFrame(page.messages))
        return page.head
      })
    },

    text(frame) {
      const parsed = parseFrame(frame)
      if (typeof parsed === 'string') {
        connection.send(errorFrame(parsed))
        return
      }
      if (parsed.user_id !== ownId) {
        connection.send(errorFrame("user_id is not this connection's own"))
        return
      }
      const wait = chat.budget.take(user.id)
      if (wait > 0) {
        connection.send(errorFrame(`Too many messages, try again in ${wait} ms`))
        return
      }
      chat.messages.send(
        {
          roomId: room,
          sender: user,
          clientId: chat.messages.key(),
          kind: 'text',
          body: parsed.content,
          replyTo: null,
        },
        reply,
      )
    },

    binary() {
      connection.send(errorFrame('Frames must be text'))
    },

    closed() {
      live.stop()
    },

    removedFrom(gone) {
      if (gone === room) connection.close(CLOSE_NOT_ALLOWED, 'no longer a member of this room')
    },
  }
}
