import type { Message, PinEvent } from '../wire.ts'

/** Returns the message after it was pinned or unpinned. One that is not pinned has no such field. */
export function withPin(message: Message, { on, actor, at }: PinEvent): Message {
  if (message.deleted_at !== null) return message
  if (on) return { ...message, pinned: { by: actor, at } }
  const { pinned: _, ...without } = message
  return without
}

/** Returns a later form of a message with the pin of the earlier one: it is told separately. */
export function keepingPin(later: Message, earlier: Message): Message {
  if (earlier.pinned === undefined || later.deleted_at !== null) return later
  return { ...later, pinned: earlier.pinned }
}
