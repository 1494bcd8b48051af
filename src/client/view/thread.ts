import type { Message, OwnThread, RoomEvent, Seq, ThreadFrame, ThreadPage } from '../wire.ts'
import { threadIn } from './threads.ts'
import { UNREAD_LIMIT } from './unread.ts'
import { isAttached, trimmed, type Window, withAttached, withMessages, withThreads } from './window.ts'

/** One thread, as plain immutable data: the message that begins it, its replies, and what it is to the user. */
export interface ThreadState {
  readonly begins: Message
  /** The replies that are shown: all of the thread from a number on, tombstones included. */
  readonly replies: Window
  readonly own: OwnThread
  /** The room's number up to which the page that began this has everything. */
  readonly head: Seq
  /** The most replies that stay when others are added. */
  readonly most: number
}

/** @param page the latest replies, tombstones included */
export function threadOf({ message, items, own, prev, head }: ThreadPage, most: number): ThreadState {
  const from = prev === null ? 0 : (items[0]?.seq ?? head + 1)
  return { begins: message, replies: { ...windowOf(items, head), from }, own, head, most }
}

/** Returns the thread after events of its room, in their order; the same object if none concerns it. Those that it has change nothing. */
export function withThreadEvents(state: ThreadState, events: readonly RoomEvent[], me: number): ThreadState {
  const root = state.begins.seq
  const messages = events.flatMap((event) =>
    'message' in event && isMessage(event.message) ? event.message : [],
  )
  const replies = messages.filter((message) => message.root === root)
  const begins = messages.filter(({ seq }) => seq === root)
  const later = events.filter(({ seq }) => seq > state.head)
  const threads = later.flatMap((event) => threadIn(event) ?? []).filter((thread) => thread.root === root)
  const isKnown = new Set([
    root,
    ...state.replies.messages.map(({ seq }) => seq),
    ...replies.map(({ seq }) => seq),
  ])
  // Older replies that are not shown may be among them, too: a page of these may be on its way.
  const attached = later
    .filter(isAttached)
    .filter(({ message }) => message < state.replies.from || isKnown.has(message))
  if (replies.length + begins.length + threads.length + attached.length === 0) return state
  const first = withThreads(
    withAttached(withMessages(windowOf([state.begins], state.head), begins), attached, me),
    threads,
  )
  const window = withAttached(withMessages(state.replies, replies), attached, me)
  return {
    ...state,
    begins: first.messages[0] ?? state.begins,
    replies: trimmed(window, state.most),
    own: replies
      .filter(({ seq }) => seq > state.head)
      .reduce((own, reply) => withReply(own, reply, state, me), state.own),
  }
}

/** Returns the thread as a frame, or the answer to a request, says that it is to the user; of two states the later one stays. */
export function withOwn(state: ThreadState, told: OwnThread | ThreadFrame): ThreadState {
  const { own } = state
  if (told.root !== state.begins.seq || told.version <= own.version) return state
  const { following, version } = told
  const unread = 'unread' in told ? told.unread : own.unread
  return {
    ...state,
    own: { ...own, following, version, unread, read_seq: Math.max(own.read_seq, told.read_seq) },
  }
}

/** Returns how many replies of others, not deleted, came after the read mark, as far as they are shown or the server has told them. */
export function unreadIn({ replies, own }: ThreadState, me: number): number {
  const shown = replies.messages.filter(
    ({ seq, sender, deleted_at }) => seq > own.read_seq && sender.id !== me && deleted_at === null,
  ).length
  const isCovered = replies.from <= own.read_seq + 1
  return Math.min(isCovered ? shown : Math.max(shown, own.unread), UNREAD_LIMIT)
}

/** A reply makes its sender follow the thread and reads it, and makes the author of the first message follow if they never said anything of it. */
function withReply(own: OwnThread, { seq, sender }: Message, { begins }: ThreadState, me: number): OwnThread {
  if (sender.id === me) return { ...own, following: true, read_seq: Math.max(own.read_seq, seq) }
  return begins.sender.id === me && own.version === 0 ? { ...own, following: true } : own
}

function windowOf(messages: readonly Message[], head: Seq): Window {
  return { from: 0, messages, below: [], belowEvents: [], belowThreads: [], belowSince: head }
}

function isMessage(message: Message | Seq): message is Message {
  return typeof message === 'object'
}
