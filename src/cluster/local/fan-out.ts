import type { FanOut, RoomEvent, RoomId } from '../../core/index.ts'

/** Is told what other nodes have committed. */
export type Hear = (room: RoomId, events: readonly RoomEvent[]) => void

/** Connects the nodes of one process. A single node tells nobody and misses nothing. */
export function createMemoryBus(): { join(hear: Hear): FanOut } {
  const nodes = new Set<Node>()
  return {
    join(hear) {
      const own: Node = { hear, rooms: new Map() }
      nodes.add(own)
      return {
        publishEvents(room, events) {
          for (const node of nodes) if (node !== own && node.rooms.has(room)) node.hear(room, events)
        },
        async listen(room) {
          own.rooms.set(room, (own.rooms.get(room) ?? 0) + 1)
        },
        forget(room) {
          const left = (own.rooms.get(room) ?? 0) - 1
          if (left > 0) own.rooms.set(room, left)
          else own.rooms.delete(room)
        },
        whole: true,
      }
    },
  }
}

interface Node {
  readonly hear: Hear
  /** The rooms that are listened to, with the number of listeners. */
  readonly rooms: Map<RoomId, number>
}
