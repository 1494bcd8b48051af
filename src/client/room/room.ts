import type { Batch } from '../batch.ts'
import { badAnswer, ParleyError } from '../errors.ts'
import { findLast } from '../find-last.ts'
import { createListeners } from '../listeners.ts'
import type { Outbox } from '../outbox/index.ts'
import {
  type Action,
  emptyView,
  eventsBetween,
  isOpen,
  type Pending,
  type RoomSnapshot,
  reduce,
  snapshotOf,
} from '../view/index.ts'
import {
  type ClientFrame,
  isPinned,
  isRevised,
  isTold,
  type Revised,
  type RoomEvent,
  type RoomFrame,
  type Seq,
} from '../wire.ts'
import type { RoomContext } from './context.ts'
import { createMarks } from './marks.ts'
import { createOlder, type OlderMessages } from './older.ts'
import { createOpening } from './opening.ts'
import { createReacting } from './reacting.ts'
import { createSubscription } from './subscription.ts'
import { createThread, type Thread, type ThreadNeeds } from './thread.ts'
import { createTyping } from './typing.ts'
import type { RoomView } from './view-type.ts'

export interface RoomNeeds extends Omit<RoomContext, 'state' | 'dispatch'> {
  readonly outbox: Pick<Outbox, 'send' | 'seen'>
  readonly batch: Batch
  readonly maxMessages: number
  page(before: Seq, limit: number): Promise<OlderMessages>
  readonly threadPage: ThreadNeeds['threadPage']
  readonly upload: RoomView['upload']
  /** Called for each event that was applied, once and in order. */
  applied(event: RoomEvent): void
  /** Called when the room may have become live, or may no longer be. */
  phaseChanged(): void
}

/** A view of a room and what drives it: `view` is for the application, the rest for the client. */
export function createRoom(needs: RoomNeeds) {
  const { id, env, line, outbox, batch } = needs
  const { clock } = env
  const listeners = createListeners<[]>(env.log)
  let state = emptyView(id, 0, needs.maxMessages)
  let snapshot: RoomSnapshot | null = null
  const atFirst = snapshotOf(state)
  let cancelTick: () => void = () => undefined
  /** How many calls of `open` have no `close` yet. */
  let openings = 0
  /** Frames of the present batch that are not applied yet. */
  let inbox: RoomFrame[] = []

  const context: RoomContext = { ...needs, state: () => state, dispatch }
  const subscription = createSubscription(context)
  const marks = createMarks(context)
  const typing = createTyping(context)
  const react = createReacting(context)
  const opening = createOpening()
  const loadOlder = createOlder(
    {
      from: () => (state.position === null ? null : state.window.from),
      add: (page) => dispatch({ type: 'older', page }),
    },
    needs.page,
  )
  const threads = new Map<Seq, Thread>()

  /** Everything takes effect in the order in which it came: what waits comes before `action`. */
  function dispatch(action: Action): void {
    takeIn()
    change(action)
  }

  function takeIn(): void {
    if (inbox.length === 0) return
    const frames = inbox
    inbox = []
    const { position } = state
    change({ type: 'frames', frames, now: clock.ticks() })
    if (position === null || state.position === null || state.position <= position) return
    for (const event of eventsBetween(position, state.position, frames)) needs.applied(event)
  }

  function change(action: Action): void {
    const before = state
    state = reduce(before, action)
    if (state === before) return
    snapshot = null
    if (action.type === 'frames') tellThreads(before.position, action.frames)
    if (action.type === 'subscribed' && action.data.reset) marks.restart()
    if (action.type === 'user') for (const thread of threads.values()) thread.forget()
    if (action.type === 'subscribed' && action.data.mode === 'snapshot') {
      for (const thread of threads.values()) thread.restart()
    }
    subscription.check()
    marks.check()
    if (state.typing !== before.typing) awaitTypingEnd()
    if (state.pending !== before.pending) settleShown(before.pending)
    if (state.phase !== before.phase) {
      opening.check(state)
      needs.phaseChanged()
    }
    batch.once(listeners.call)
  }

  /** Before listeners are called, so that a reply is not out of `pending` before it is in its thread. */
  function tellThreads(position: Seq | null, frames: readonly RoomFrame[]): void {
    if (threads.size === 0 || position === null || state.position === null) return
    for (const event of eventsBetween(position, state.position, frames)) {
      for (const thread of threads.values()) thread.applied(event)
    }
  }

  /** A message that is shown was stored, even without a response. */
  function settleShown(pending: readonly Pending[]): void {
    const left = new Set(state.pending.map(({ clientId }) => clientId))
    for (const { clientId, seq } of pending) {
      if (seq !== null || left.has(clientId)) continue
      const message = findLast(
        state.window.messages,
        ({ client_id, sender }) => client_id === clientId && sender.id === state.me,
      )
      if (message) outbox.seen(message)
    }
  }

  function awaitTypingEnd(): void {
    cancelTick()
    if (state.typing.length === 0) return
    const end = Math.min(...state.typing.map(({ until }) => until))
    cancelTick = clock.after(end - clock.ticks(), () => dispatch({ type: 'tick', now: clock.ticks() }))
  }

  function end(): void {
    openings = 0
    if (!isOpen(state)) return
    subscription.close()
    opening.fail(new ParleyError('stopped', 'The room was closed'))
    dispatch({ type: 'close' })
  }

  async function revise(frame: ClientFrame): Promise<Revised> {
    const data = await line.request(frame)
    if (!isRevised(data)) throw badAnswer()
    return data
  }

  const view: RoomView = {
    id,
    open({ limit } = {}) {
      openings++
      if (!isOpen(state)) subscription.open(limit)
      const opened = opening.begin(state)
      dispatch({ type: 'open' })
      return opened
    },
    close() {
      openings = Math.max(0, openings - 1)
      if (openings === 0) end()
    },
    getSnapshot() {
      snapshot ??= snapshotOf(state)
      return snapshot
    },
    getServerSnapshot: () => atFirst,
    subscribe: listeners.add,
    send(body, { kind = 'text', replyTo = null, ...details } = {}) {
      typing.sent()
      return outbox.send(id, { body, kind, replyTo, ...details })
    },
    upload: needs.upload,
    async tell(user, body, details = {}) {
      const data = await line.request({ type: 'ephemeral', room: id, user, body, ...details })
      if (!isTold(data)) throw badAnswer()
      return data
    },
    dismiss: (clientId) => dispatch({ type: 'dismissed', clientId }),
    edit: (seq, body, details = {}) =>
      revise({ type: 'edit', room: id, seq, ...(body === undefined ? {} : { body }), ...details }),
    delete: (seq) => revise({ type: 'delete', room: id, seq }),
    react,
    async pin(seq, on) {
      const data = await line.request({ type: 'pin', room: id, seq, on })
      if (!isPinned(data)) throw badAnswer()
      return data
    },
    markUnread: marks.unread,
    read: (seq) => marks.read(seq ?? state.position ?? 0),
    typing: typing.set,
    loadOlder: (limit = 50) => loadOlder(limit),
    thread: (seq) => threadAt(seq).view,
  }

  function threadAt(seq: Seq): Thread {
    const thread = threads.get(seq) ?? createThread(seq, { ...needs, ...context, room: view })
    threads.set(seq, thread)
    return thread
  }

  return {
    view,
    dispatch,
    /** Closes the view, however often it was opened. */
    end,
    isOpen: () => isOpen(state),
    isLive: () => state.phase === 'live',
    /** Takes a frame in: at the end of the batch, if it is one of a batch. */
    receive(frame: RoomFrame): void {
      if (frame.type === 'thread') for (const thread of threads.values()) thread.told(frame)
      inbox.push(frame)
      batch.once(takeIn)
    },
    /** Takes in what waits for the end of the batch. */
    takeIn,
  }
}

export type Room = ReturnType<typeof createRoom>
