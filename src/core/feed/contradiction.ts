import type { RoomEvent } from '../events/index.ts'
import type { MessageId } from '../model.ts'
import type { SeenChange } from '../ports.ts'

/**
 * Returns the change that was delivered with an event's number, if it was another one: a room gives out each number once. null if it
 * was the same, or is no longer in memory.
 */
export function contradiction(delivered: RoomEvent | null, event: RoomEvent): SeenChange | null {
  if (delivered === null || sentIn(delivered) === sentIn(event)) return null
  return { room: event.roomId, seq: event.seq, message: sentIn(delivered) }
}

function sentIn(event: RoomEvent): MessageId | 0 {
  return event.type === 'message' ? event.message.id : 0
}
