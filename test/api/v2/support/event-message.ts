import type { MessageEvent, RoomEvent } from '../../../../src/api/v2/wire/index.ts'

/** Whether the event is of a message, which is in it. */
export function hasMessage(event: RoomEvent): event is MessageEvent {
  return event.type === 'message' || event.type === 'edited' || event.type === 'deleted'
}
