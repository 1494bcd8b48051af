import type { Message, Reaction, ReactionEvent } from '../wire.ts'

/** Returns the message after an event about its reactions. @param me the user, who is among those of a reaction or not */
export function withReactions(message: Message, event: ReactionEvent, me: number): Message {
  if (message.deleted_at !== null) return message
  return having(
    message,
    event.reactions.map((each) => ({ ...each, own: isOwn(message, event, each.reaction, me) })),
  )
}

/** Returns a later form of a message with the reactions of the earlier one: they are told separately. */
export function keepingReactions(later: Message, earlier: Message): Message {
  if (earlier.reactions === undefined || later.deleted_at !== null) return later
  return { ...later, reactions: earlier.reactions }
}

function isOwn({ reactions }: Message, { changed }: ReactionEvent, name: string, me: number): boolean {
  const change = changed.find(({ reaction }) => reaction === name)
  if (change?.added.includes(me)) return true
  if (change?.removed.includes(me)) return false
  return reactions?.find(({ reaction }) => reaction === name)?.own ?? false
}

/** A message without reactions has no such field. */
export function having(message: Message, reactions: Reaction[]): Message {
  if (reactions.length > 0) return { ...message, reactions }
  const { reactions: _, ...without } = message
  return without
}
