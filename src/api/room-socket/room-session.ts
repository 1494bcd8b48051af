import type { Seq } from '../../core/index.ts'
import type { Connection, RoomLabel, Server, Session } from '../../server/index.ts'
import { LiveRoom, textSession } from '../shared/index.ts'
import { errorFrame, parseRoomFrame, roomCodec } from './room-frames.ts'

/** One socket in a room: everything that is said after the number `from`, the own words included. */
export function roomSession(server: Server, connection: Connection, room: RoomLabel, from: Seq): Session {
  return textSession(server, connection, {
    room: room.id,
    live: new LiveRoom(server, connection, room, roomCodec),
    backfill: async () => ({ head: from, frames: [] }),
    parse(frame) {
      const parsed = parseRoomFrame(frame)
      if (typeof parsed === 'string') return parsed
      return { body: parsed.message, kind: parsed.message_type ?? 'text' }
    },
    errorFrame,
    names: { body: 'message', kind: 'message_type' },
  })
}
