import type { RoomEvent } from '../events/index.ts'
import type { MessageId } from '../model.ts'
import type { SeenChange } from '../ports.ts'

/**
 * Returns what was delivered with the number of an event that comes now, if that was something else: a room gives each number
 * once. null if it was the same, or is not in memory any more.
 */
export function contradiction(delivered: RoomEvent | null, event: RoomEvent): SeenChange | null {
  if (delivered === null || sentIn(delivered) === sentIn(event)) return null
  return { room: event.roomId, seq: event.seq, message: sentIn(delivered) }
}

function sentIn(event: RoomEvent): MessageId | 0 {
  return event.type === 'message' ? event.message.id : 0
}
