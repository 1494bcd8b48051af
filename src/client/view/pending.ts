import type { Message, Seq } from '../wire.ts'
import { isOpen, type Pending, type ViewState } from './state.ts'

/** The most failed messages that are shown until they are dismissed. */
const FAILED_LIMIT = 50

export function withPending(state: ViewState, entry: Pending): ViewState {
  return { ...state, pending: [...state.pending, entry] }
}

/** Returns the state after the outcome of a message. A message that is shown already does not change. */
export function withSending(state: ViewState, clientId: string, change: Partial<Pending>): ViewState {
  if (!state.pending.some((entry) => entry.clientId === clientId)) return state
  const pending = state.pending.map((entry) =>
    entry.clientId === clientId ? { ...entry, ...change } : entry,
  )
  return withoutShown({ ...state, pending: failedLimited(pending) })
}

export function withoutPending(state: ViewState, clientId: string): ViewState {
  return { ...state, pending: state.pending.filter((entry) => entry.clientId !== clientId) }
}

/** Returns the pending messages without acknowledged ones, because in a rewritten history their numbers may belong to other messages. */
export function withoutSent(state: ViewState): ViewState {
  return { ...state, pending: state.pending.filter(({ seq }) => seq === null) }
}

/**
 * Returns the pending messages without those that the view shows: by the position, and by the keys of the user's messages that have just
 * arrived, which may precede the response to the send. If nothing is shown, sent messages are dropped.
 */
export function withoutShown(state: ViewState, messages: readonly Message[] = []): ViewState {
  if (state.pending.length === 0) return state
  const keys = new Set(
    messages.filter(({ sender }) => sender.id === state.me).map(({ client_id }) => client_id),
  )
  const shown = (seq: Seq | null) =>
    seq !== null && (state.position === null || !isOpen(state) || seq <= state.position)
  const pending = state.pending.filter(({ clientId, seq }) => !keys.has(clientId) && !shown(seq))
  return pending.length === state.pending.length ? state : { ...state, pending }
}

function failedLimited(pending: readonly Pending[]): readonly Pending[] {
  let extra = pending.filter(({ status }) => status === 'failed').length - FAILED_LIMIT
  return extra <= 0 ? pending : pending.filter(({ status }) => status !== 'failed' || extra-- <= 0)
}
