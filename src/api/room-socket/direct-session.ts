import { type FollowedRoom, type RoomId, type Seq, START } from '../../core/index.ts'
import {
  type Connection,
  LiveRoom,
  type Server,
  type Session,
  sendAll,
  type TextContract,
  TextSession,
} from '../../server/index.ts'
import { directCodec, directFrame, parseDirectFrame } from './direct-frames.ts'
import { directParts, errorFrame } from './errors.ts'
import { createReadMarker, type ReadMarker } from './read-marker.ts'

/** Messages per database query while the whole chat is replayed. */
const PAGE = 200

/** One socket in a direct chat: first the whole history, then new messages. A message counts as read once it was sent to the socket. */
export function directSession(server: Server, connection: Connection, room: RoomId): Session {
  const { chat } = server
  const { user } = connection
  const marker = createReadMarker(server, user, room)

  async function replay(tracked: FollowedRoom) {
    const marks = await chat.membership.readMarks(room)
    const ownMark = marks.get(user.id) ?? 0
    const otherMark = Math.max(0, ...[...marks].filter(([id]) => id !== user.id).map(([, seq]) => seq))
    for (let after: Seq = START; ; ) {
      const { messages, head, hasNewer } = await chat.messages.history({ id: room }, user, { after }, PAGE)
      const sent = await sendAll(
        connection,
        messages,
        (message) => {
          const now = tracked.now(message)
          const isRead = now.seq <= (now.sender.id === user.id ? otherMark : ownMark)
          return now.deletedAt === null ? directFrame(now, isRead) : null
        },
        () => tracked.knows(head),
      )
      // Messages that were not completely sent do not count as read.
      if (!connection.alive) return { head }
      if (sent === messages.length && !hasNewer) {
        marker.mark(head)
        return { head }
      }
      after = messages[sent - 1]?.seq ?? after
    }
  }

  const live = new LiveRoom(server, connection, { id: room, name: '' }, directCodec)
  return new DirectSession(marker, server, connection, contract, room, live, replay)
}

class DirectSession extends TextSession {
  readonly #marker: ReadMarker

  constructor(marker: ReadMarker, ...session: ConstructorParameters<typeof TextSession>) {
    super(...session)
    this.#marker = marker
  }

  delivered(_room: RoomId, upTo: Seq): void {
    this.#marker.mark(upTo)
  }
}

const contract: TextContract = {
  parse(frame) {
    const parsed = parseDirectFrame(frame)
    return typeof parsed === 'string'
      ? parsed
      : { body: parsed.body, kind: 'text', clientId: null, replyTo: null, details: null }
  },
  errorFrame,
  names: directParts,
}
