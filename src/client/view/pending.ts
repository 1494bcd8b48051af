import type { Message, Seq } from '../wire.ts'
import { isOpen, type Pending, type ViewState } from './state.ts'

/** Failed messages that are shown until they are dismissed. */
const FAILED_LIMIT = 50

export function withPending(state: ViewState, entry: Pending): ViewState {
  return { ...state, pending: [...state.pending, entry] }
}

/** What has become of a message; of one that is shown already, nothing. */
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

/** Without what was acknowledged: in a history that was rewritten its number may be another message's. */
export function withoutSent(state: ViewState): ViewState {
  return { ...state, pending: state.pending.filter(({ seq }) => seq === null) }
}

/**
 * Without what the view shows: by the position, and by the keys of one's own messages in what has just come, which is
 * there before the answer to the send. Where nothing is shown, what is sent is done with.
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
