import type { RoomId, Seq, UserRef } from '../../core/index.ts'
import type { Server } from '../../server/index.ts'

export type ReadMarker = ReturnType<typeof createReadMarker>

/** Moves a read mark along with what arrives: one write under way at a time, which takes along all that came meanwhile. */
export function createReadMarker(server: Pick<Server, 'chat' | 'log'>, user: UserRef, room: RoomId) {
  let wanted: Seq | null = null
  let writing = false

  async function write(): Promise<void> {
    writing = true
    while (wanted !== null) {
      const upTo: Seq = wanted
      wanted = null
      // A mark that could not be written is overtaken by the next one, or by the next visit.
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
