import { type RoomId, type SendReply, type Seq, START } from '../../core/index.ts'
import type { Connection, Server, Session } from '../../server/index.ts'
import { CLOSE_NOT_ALLOWED, errorText, LiveRoom } from '../shared/index.ts'
import { directCodec, directFrame, parseDirectFrame } from './direct-frames.ts'
import { createReadMarker } from './read-marker.ts'
import { errorFrame } from './room-frames.ts'

/** Messages read from the database at a time while the whole chat is replayed. */
const PAGE = 200

/** One socket in a direct chat: everything that was ever said, then what is said. What has been sent to it counts as read. */
export function directSession(server: Server, connection: Connection, room: RoomId): Session {
  const { chat } = server
  const { user } = connection
  const live = new LiveRoom(server, connection, { id: room, name: '' }, directCodec)
  const marker = createReadMarker(server, user, room)
  const reply: SendReply = {
    sent: () => undefined,
    refused: (error) =>
      connection.send(errorFrame(errorText(error, { body: 'body', kind: 'type' }, server.log))),
  }

  async function replay(): Promise<Seq> {
    const marks = await chat.membership.readMarks(room)
    const ownMark = marks.get(user.id) ?? 0
    const otherMark = Math.max(0, ...[...marks].filter(([id]) => id !== user.id).map(([, seq]) => seq))
    for (let after: Seq = START; ; ) {
      const page = await chat.messages.history({ id: room }, user, { after }, PAGE)
      await connection.sendAll(
        page.messages.map((message) =>
          directFrame(message, message.seq <= (message.sender.id === user.id ? otherMark : ownMark)),
        ),
      )
      // What was not sent to the end is not read.
      if (!connection.alive) return page.head
      const last = page.messages.at(-1)
      if (!page.hasNewer || last === undefined) {
        marker.mark(page.head)
        return page.head
      }
      after = last.seq
    }
  }

  return {
    opened() {
      live.start(replay)
    },

    text(frame) {
      const parsed = parseDirectFrame(frame)
      if (typeof parsed === 'string') {
        connection.send(errorFrame(parsed))
        return
      }
      const wait = chat.budget.take(user.id)
      if (wait > 0) {
        connection.send(errorFrame(`Too many messages, try again in ${wait} ms`))
        return
      }
      const { body } = parsed
      chat.messages.send(
        { roomId: room, sender: user, clientId: chat.messages.key(), kind: 'text', body, replyTo: null },
        reply,
      )
    },

    binary() {
      connection.send(errorFrame('Frames must be text'))
    },

    delivered(_room, upTo) {
      marker.mark(upTo)
    },

    closed() {
      live.stop()
    },

    removedFrom(gone) {
      if (gone === room) connection.close(CLOSE_NOT_ALLOWED, 'this chat is gone')
    },
  }
}
