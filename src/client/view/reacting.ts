import type { Message, Reaction } from '../wire.ts'
import { having } from './reactions.ts'
import type { Reacting, ViewState } from './state.ts'

/** Returns the messages as the user has asked for, as far as no event has shown it yet. */
export function withReacting(
  messages: readonly Message[],
  reacting: readonly Reacting[],
): readonly Message[] {
  if (reacting.length === 0) return messages
  return messages.map((message) =>
    reacting.reduce(
      (shown, entry) =>
        entry.message === message.seq && message.deleted_at === null ? toggled(shown, entry) : shown,
      message,
    ),
  )
}

/** Returns the state without what the user has asked for and the view shows, by the position. */
export function withoutShownReactions(state: ViewState): ViewState {
  const { position } = state
  if (state.reacting.length === 0 || position === null) return state
  const reacting = state.reacting.filter(({ shownAt }) => shownAt === null || shownAt > position)
  return reacting.length === state.reacting.length ? state : { ...state, reacting }
}

function toggled(message: Message, { reaction, on, me }: Reacting): Message {
  const { reactions = [] } = message
  const present = reactions.find((each) => bare(each.reaction) === bare(reaction))
  if ((present?.own ?? false) === on) return message
  if (present === undefined) {
    return having(message, [...reactions, { reaction, count: 1, users: [], own: true }])
  }
  const users = on ? present.users : present.users.filter(({ id }) => id !== me)
  const changed: Reaction = { ...present, users, own: on, count: present.count + (on ? 1 : -1) }
  return having(
    message,
    reactions.flatMap((each) => (each !== present ? each : changed.count === 0 ? [] : changed)),
  )
}

/** Spellings of one emoji differ only in U+FE0F; the server has one name for them. */
function bare(reaction: string): string {
  return reaction.replaceAll('\ufe0f', '')
}
