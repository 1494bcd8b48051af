import type { SendReply, Seq } from '../../core/index.ts'
import type { Connection, RoomLabel, Server, Session } from '../../server/index.ts'
import { CLOSE_NOT_ALLOWED, errorText, LiveRoom } from '../shared/index.ts'
import { errorFrame, parseRoomFrame, roomCodec } from './room-frames.ts'

/** One socket in a room: everything that is said after the number `from`, the own words included. */
export function roomSession(
  server: Server,
  connection: Connection,
  room: RoomLabel,
  from: Seq,
  onClosed: () => void,
): Session {
  const { chat } = server
  const { user } = connection
  const live = new LiveRoom(server, connection, room, roomCodec)
  // The sender sees the message as everyone does, so only refusals are answered.
  const reply: SendReply = {
    sent: () => undefined,
    refused: (error) =>
      connection.send(errorFrame(errorText(error, { body: 'message', kind: 'message_type' }, server.log))),
  }

  return {
    opened() {
      live.start(async () => from)
    },

    text(frame) {
      const parsed = parseRoomFrame(frame)
      if (typeof parsed === 'string') {
        connection.send(errorFrame(parsed))
        return
      }
      const wait = chat.budget.take(user.id)
      if (wait > 0) {
        connection.send(errorFrame(`Too many messages, try again in ${wait} ms`))
        return
      }
      chat.messages.send(
        {
          roomId: room.id,
          sender: user,
          clientId: chat.messages.key(),
          kind: parsed.message_type ?? 'text',
          body: parsed.message,
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
      onClosed()
    },

    removedFrom(gone) {
      if (gone === room.id) connection.close(CLOSE_NOT_ALLOWED, 'no longer a member of this room')
    },
  }
}
