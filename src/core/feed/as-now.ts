import { carriesMessage, type RoomEvent } from '../events/index.ts'
import type { Message } from '../model.ts'

/** Returns the event with its message in the current form, as `changes` does: a later state replaces the state at the event. */
export function asNow(event: RoomEvent, now: (message: Message) => Message): RoomEvent {
  if (!carriesMessage(event)) return event
  const message = now(event.message)
  if (message === event.message) return event
  if (event.type === 'message') return { ...event, message }
  return { ...event, type: message.deletedAt === null ? 'edited' : 'deleted', message }
}

/** Returns the later of two states of a message. */
export function laterOf(one: Message, other: Message): Message {
  return (other.versionSeq ?? 0) > (one.versionSeq ?? 0) ? other : one
}

/** Returns whether the event shows the state at its own number, and nothing later. */
export function isOfItsMoment(event: RoomEvent): boolean {
  if (!carriesMessage(event)) return true
  const { versionSeq } = event.message
  return event.type === 'message' ? versionSeq === null : versionSeq === event.seq
}

/** Returns whether the event is a message as it was sent, as most events are. */
export function isMessageAsSent(event: RoomEvent): boolean {
  return event.type === 'message' && event.message.versionSeq === null
}
