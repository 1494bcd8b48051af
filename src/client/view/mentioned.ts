import { findLast } from '../find-last.ts'
import type { Message, RoomEvent, Seq } from '../wire.ts'
import type { Mentioned, ViewState } from './state.ts'

/** Returns the count as the server has told it last, with what has happened since; never more than are unread. */
export function mentionsOf({ mentioned }: ViewState, unread: number): number {
  return Math.min(Math.max(0, mentioned.count), unread)
}

/** Returns the state with a count that the server has just sent. */
export function withMentioned(state: ViewState, told: Told): ViewState {
  if (told.read_seq < state.readSeq) return state
  return { ...state, mentioned: { count: told.mentions ?? 0, head: told.head } }
}

interface Told {
  readonly mentions?: number | undefined
  readonly head: Seq
  readonly read_seq: Seq
}

/** Returns the count after events. @param state before them, which has none of them yet */
export function mentionedAfter(state: ViewState, events: readonly RoomEvent[]): Mentioned {
  const { mentioned, me, readSeq, window } = state
  const later = new Map<Seq, Message>()
  let { count } = mentioned
  for (const event of events) {
    if (event.seq <= mentioned.head) continue
    if (event.type !== 'message' && event.type !== 'edited' && event.type !== 'deleted') continue
    const { message } = event
    if (message.seq <= readSeq || message.sender.id === me) continue
    const isNew = event.type === 'message'
    const former =
      later.get(message.seq) ?? (isNew ? null : findLast(window.messages, ({ seq }) => seq <= message.seq))
    later.set(message.seq, message)
    // The view does not know the former text of a message that it does not show.
    if (isNew || former?.seq === message.seq) {
      count += Number(doesMention(message, me)) - Number(former ? doesMention(former, me) : false)
    }
  }
  return count === mentioned.count ? mentioned : { ...mentioned, count }
}

function doesMention({ mentions, deleted_at }: Message, me: number): boolean {
  if (mentions === undefined || deleted_at !== null) return false
  return (
    mentions.room === true || mentions.online === true || mentions.users?.some(({ id }) => id === me) === true
  )
}
