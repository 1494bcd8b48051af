import type { Seq } from '../../core/index.ts'
import {
  type Connection,
  LiveRoom,
  type RoomLabel,
  type Server,
  type Session,
  type TextContract,
  TextSession,
} from '../../server/index.ts'
import { errorFrame, roomParts } from './errors.ts'
import { parseRoomFrame, roomCodec } from './room-frames.ts'

const contract: TextContract = {
  parse(frame) {
    const parsed = parseRoomFrame(frame)
    if (typeof parsed === 'string') return parsed
    return {
      body: parsed.message,
      kind: parsed.message_type ?? 'text',
      clientId: null,
      replyTo: null,
      details: null,
    }
  },
  errorFrame,
  names: roomParts,
}

/**
 * One socket in a room: all messages after the number `from`, including those of its own user.
 * @param onClosed called once it has closed
 */
export function roomSession(
  server: Server,
  connection: Connection,
  room: RoomLabel,
  from: Seq,
  onClosed: () => void,
): Session {
  const live = new LiveRoom(server, connection, room, roomCodec)
  const backfill = async () => ({ head: from })
  return new RoomSession(onClosed, server, connection, contract, room.id, live, backfill)
}

class RoomSession extends TextSession {
  readonly #onClosed: () => void

  constructor(onClosed: () => void, ...session: ConstructorParameters<typeof TextSession>) {
    super(...session)
    this.#onClosed = onClosed
  }

  override closed(): void {
    super.closed()
    this.#onClosed()
  }
}
