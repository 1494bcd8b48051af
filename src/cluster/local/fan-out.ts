import type { FanOut, RoomEvent, RoomId } from '../../core/index.ts'

/** Told what other nodes have committed. */
export type Hear = (room: RoomId, events: readonly RoomEvent[]) => void

/** Connects the nodes of one process; a node that is the only one has nobody to tell, and misses nothing. */
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
  /** Rooms that are listened to, and how often. */
  readonly rooms: Map<RoomId, number>
}
