import { carriesMessage, type RoomEvent } from '../events/index.ts'
import type { Message } from '../model.ts'

/** The event with its message as it is by now, as `changes` tells it: a later state replaces the one of that moment. */
export function asNow(event: RoomEvent, now: (message: Message) => Message): RoomEvent {
  if (!carriesMessage(event)) return event
  const message = now(event.message)
  if (message === event.message) return event
  if (event.type === 'message') return { ...event, message }
  return { ...event, type: message.deletedAt === null ? 'edited' : 'deleted', message }
}

/** Of two states of one message the later one. */
export function laterOf(one: Message, other: Message): Message {
  return (other.versionSeq ?? 0) > (one.versionSeq ?? 0) ? other : one
}

/** Whether the event shows what its own number did, and nothing later. */
export function isOfItsMoment(event: RoomEvent): boolean {
  if (!carriesMessage(event)) return true
  const { versionSeq } = event.message
  return event.type === 'message' ? versionSeq === null : versionSeq === event.seq
}

/** Whether it is a message as it was sent, as most events are. */
export function isMessageAsSent(event: RoomEvent): boolean {
  return event.type === 'message' && event.message.versionSeq === null
}
