import type { Reactions, SeenReaction, SeenReactions, Seq, UserId } from '../../core/index.ts'
import { toUserRef } from './rows.ts'

/** A reaction as drizzle/functions/parley_reactions.sql returns it. */
type Shown = readonly [
  reaction: string,
  count: number,
  own: 0 | 1,
  first: readonly (readonly [user: UserId, username: string | null])[] | null,
]

/** The function's whole result, parsed. */
export type ShownReactions = readonly Shown[]

/** Returns reactions as everybody sees them. */
export function toReactions(shown: ShownReactions): Reactions {
  return shown.map(([reaction, count, , first]) => ({ reaction, count, users: firstUsers(first) }))
}

/** Returns the reactions to messages, as the viewer sees them, by the messages' numbers. */
export function toSeenReactions(
  rows: readonly { readonly seq: Seq; readonly reactions: string | null }[],
): SeenReactions {
  const seen = new Map<Seq, readonly SeenReaction[]>()
  for (const { seq, reactions } of rows) {
    const shown: ShownReactions = JSON.parse(reactions ?? '[]')
    if (shown.length > 0) seen.set(seq, shown.map(toSeen))
  }
  return seen
}

function toSeen([reaction, count, own, first]: Shown): SeenReaction {
  return { reaction, count, users: firstUsers(first), own: own === 1 }
}

function firstUsers(first: Shown[3]) {
  return (first ?? []).map(([user, username]) => toUserRef(user, username))
}
