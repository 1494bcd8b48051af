import type { Message, PinEvent, ReactionEvent, RoomEvent, Seq, Thread } from '../wire.ts'
import { keepingPin, withPin } from './pins.ts'
import { keepingReactions, withReactions } from './reactions.ts'
import { keepingThread, latestThreads, withThread } from './threads.ts'

/** The messages that are shown: all of the room from a number on, up to the position. */
export interface Window {
  /** The lowest number in the window; 0 if it begins with the room. */
  readonly from: Seq
  /** By number, tombstones included. */
  readonly messages: readonly Message[]
  /** Messages before the window in their latest form, by number, for pages and counts that were read before the change. */
  readonly below: readonly Message[]
  /** What was told of messages before the window besides themselves, in order, for pages that were read before it. */
  readonly belowEvents: readonly AttachedEvent[]
  /** The threads that messages before the window begin, as they are now, for pages that were read before the change. */
  readonly belowThreads: readonly Thread[]
  /** `below`, `belowEvents` and `belowThreads` have all changes after this number. */
  readonly belowSince: Seq
}

/** An event about a message that leaves the message's own version as it is. */
export type AttachedEvent = ReactionEvent | PinEvent

export function isAttached(event: RoomEvent): event is AttachedEvent {
  return event.type === 'reaction' || event.type === 'pin'
}

/** The most changes before the window that are remembered. */
const BELOW_LIMIT = 100

/** Returns the window with the messages added. Of two forms of a message the later one stays. */
export function withMessages(window: Window, changed: readonly Message[]): Window {
  if (changed.length === 0) return window
  // The usual case: one copy of a long window, and no search.
  if (areNewest(window, changed)) return { ...window, messages: window.messages.concat(changed) }
  const messages = [...window.messages]
  let below: Message[] | null = null
  for (const message of changed) {
    if (message.seq >= window.from) put(messages, message)
    else {
      below ??= [...window.below]
      put(below, message)
    }
  }
  return { ...window, messages, ...(below && limited(below, window.belowSince)) }
}

/** Returns the window after events about reactions and pins, which are not among its changes yet. */
export function withAttached(window: Window, events: readonly AttachedEvent[], me: number): Window {
  if (events.length === 0) return window
  const messages = [...window.messages]
  for (const event of events) attach(messages, event, me)
  const below = [...window.belowEvents, ...events.filter(({ message }) => message < window.from)]
  const extra = below.length - BELOW_LIMIT
  const belowSince = extra > 0 ? Math.max(window.belowSince, below[extra - 1]?.seq ?? 0) : window.belowSince
  return { ...window, messages, belowEvents: below.slice(Math.max(0, extra)), belowSince }
}

/** Returns the window with threads as events tell them. */
export function withThreads(window: Window, threads: readonly Thread[]): Window {
  if (threads.length === 0) return window
  const messages = [...window.messages]
  for (const thread of threads) putThread(messages, thread)
  const below = latestThreads(
    window.belowThreads,
    threads.filter(({ root }) => root < window.from),
  )
  const extra = below.length - BELOW_LIMIT
  const forgotten = extra > 0 ? (below[extra - 1]?.changed_seq ?? 0) : 0
  const belowSince = Math.max(window.belowSince, forgotten)
  return { ...window, messages, belowThreads: below.slice(Math.max(0, extra)), belowSince }
}

/** Returns the window without the oldest messages, if it has more than `limit`. */
export function trimmed(window: Window, limit: number): Window {
  const extra = window.messages.length - limit
  const first = window.messages[extra]
  if (extra <= 0 || first === undefined) return window
  const { belowSince } = window
  const changed = window.messages.slice(0, extra).filter(({ version }) => (version ?? 0) > belowSince)
  const messages = window.messages.slice(extra)
  return { ...window, messages, from: first.seq, ...limited([...window.below, ...changed], belowSince) }
}

/**
 * Returns the window with a page added before it, or null if the page does not fit: another one was added meanwhile,
 * or the page is older than the changes that are remembered.
 */
export function withOlder(window: Window, page: OlderPage, me: number): Window | null {
  if (page.before !== window.from || page.head < window.belowSince) return null
  const older = page.messages.filter((message) => message.seq < page.before).sort((a, b) => a.seq - b.seq)
  const [first] = older
  const from = page.hasOlder && first !== undefined ? first.seq : 0
  for (const message of window.below) {
    if (message.seq >= from) put(older, message)
  }
  for (const event of window.belowEvents) if (event.seq > page.head) attach(older, event, me)
  for (const thread of window.belowThreads) if (thread.changed_seq > page.head) putThread(older, thread)
  return {
    from,
    messages: [...older, ...window.messages],
    below: window.below.filter((message) => message.seq < from),
    belowEvents: window.belowEvents.filter(({ message }) => message < from),
    belowThreads: window.belowThreads.filter(({ root }) => root < from),
    belowSince: window.belowSince,
  }
}

export interface OlderPage {
  readonly before: Seq
  readonly messages: readonly Message[]
  readonly hasOlder: boolean
  /** The room's latest number when the page was read. */
  readonly head: Seq
}

/** Returns whether the message existed and was not deleted as of the number `place`. */
export function isAliveAt(message: Message, place: Seq): boolean {
  return message.seq <= place && (message.deleted_at === null || (message.version ?? 0) > place)
}

function areNewest({ messages, from }: Window, changed: readonly Message[]): boolean {
  let last = messages.at(-1)?.seq ?? from - 1
  for (const { seq } of changed) {
    if (seq <= last) return false
    last = seq
  }
  return true
}

/** Changes `messages` in place, which are sorted by number. */
function put(messages: Message[], message: Message): void {
  const index = lowerBound(messages, message.seq)
  const present = messages[index]
  if (present?.seq !== message.seq) messages.splice(index, 0, message)
  else if ((message.version ?? 0) > (present.version ?? 0))
    messages[index] = keepingPin(keepingThread(keepingReactions(message, present), present), present)
}

/** Changes the event's message in place, if it is there. */
function attach(messages: Message[], event: AttachedEvent, me: number): void {
  const index = lowerBound(messages, event.message)
  const present = messages[index]
  if (present?.seq !== event.message) return
  messages[index] = event.type === 'pin' ? withPin(present, event) : withReactions(present, event, me)
}

/** Changes the message that begins the thread in place, if it is there. */
function putThread(messages: Message[], thread: Thread): void {
  const index = lowerBound(messages, thread.root)
  const present = messages[index]
  if (present?.seq === thread.root) messages[index] = withThread(present, thread)
}

/** Returns the index of the first message at `seq` or after it. */
function lowerBound(messages: readonly Message[], seq: Seq): number {
  if ((messages.at(-1)?.seq ?? -1) < seq) return messages.length
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

function limited(below: Message[], since: Seq): Pick<Window, 'below' | 'belowSince'> {
  if (below.length <= BELOW_LIMIT) return { below, belowSince: since }
  const versions = below.map((message) => message.version ?? 0).sort((a, b) => a - b)
  const belowSince = Math.max(since, versions[below.length - BELOW_LIMIT - 1] ?? 0)
  return { below: below.filter((message) => (message.version ?? 0) > belowSince), belowSince }
}
