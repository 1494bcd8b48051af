import type { RoomEvent, Stretch } from '../events/index.ts'
import type { RoomId } from '../model.ts'

/**
 * Receives a room's events in the order of their numbers, each once. Called synchronously; must not throw.
 * @param stretch null where every number comes; else the events, if any, are all that is left to see of that stretch
 */
export type Deliver = (room: RoomId, events: readonly RoomEvent[], stretch: Stretch | null) => void
