import type { RoomId, Seq, UserRef } from '../../core/index.ts'
import type { Server } from '../../server/index.ts'

export type ReadMarker = ReturnType<typeof createReadMarker>

/** Moves a read mark with the delivered messages. One write is under way at a time; the next one covers all messages since. */
export function createReadMarker(server: Pick<Server, 'chat' | 'log'>, user: UserRef, room: RoomId) {
  let wanted: Seq | null = null
  let writing = false

  async function write(): Promise<void> {
    writing = true
    while (wanted !== null) {
      const upTo: Seq = wanted
      wanted = null
      // If a mark cannot be written, the next message or the next visit moves it.
      await server.chat.membership
        .mark(room, user, { readSeq: upTo })
        .catch((error: unknown) => server.log.debug({ err: error }, 'a read mark was not written'))
    }
    writing = false
  }

  return {
    mark(upTo: Seq): void {
      if (wanted === null || upTo > wanted) wanted = upTo
      if (!writing) void write()
    },
  }
}
