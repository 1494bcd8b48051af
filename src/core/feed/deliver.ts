import type { RoomEvent, Stretch } from '../events/index.ts'
import type { RoomId } from '../model.ts'

/**
 * Receives a room's events in the order of their numbers, each once. Called synchronously; must not throw.
 * @param stretch null if every number is among the events; otherwise the events, if any, are all that is left of that stretch
 */
export type Deliver = (room: RoomId, events: readonly RoomEvent[], stretch: Stretch | null) => void
