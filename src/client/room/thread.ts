import { backoff } from '../backoff.ts'
import type { Batch } from '../batch.ts'
import { badAnswer, ParleyError } from '../errors.ts'
import { createListeners } from '../listeners.ts'
import {
  type RoomSnapshot,
  type ThreadState,
  threadOf,
  unreadIn,
  withOlder,
  withOwn,
  withReacting,
  withThreadEvents,
} from '../view/index.ts'
import {
  type ClientFrame,
  isOwnThread,
  type OwnThread,
  type RoomEvent,
  type Seq,
  type ThreadFrame,
  type ThreadPage,
} from '../wire.ts'
import type { RoomContext } from './context.ts'
import { createOlder } from './older.ts'
import type { ThreadSnapshot, ThreadView } from './thread-view-type.ts'
import type { RoomView } from './view-type.ts'

/** Replies to begin with. */
const FIRST = 50

export interface ThreadNeeds extends RoomContext {
  readonly batch: Batch
  readonly maxMessages: number
  readonly room: Pick<RoomView, 'open' | 'close' | 'send' | 'subscribe' | 'getSnapshot'>
  /** @param before null for the latest page */
  threadPage(message: Seq, before: Seq | null, limit: number): Promise<ThreadPage>
}

/** A view of one thread: a page of replies that the room's events keep up to date. Read again whenever the room's view begins anew. */
export function createThread(message: Seq, needs: ThreadNeeds) {
  const { id, env, line, room, batch } = needs
  const listeners = createListeners<[]>(env.log)
  let thread: ThreadState | null = null
  let shown: { readonly of: RoomSnapshot; readonly snapshot: ThreadSnapshot } | null = null
  let openings = 0
  let reading: Promise<void> | null = null
  /** What has happened since the page that is under way was asked for; null if none is. */
  let meanwhile: RoomEvent[] | null = null
  let isStale = true
  let stopHearing: () => void = () => undefined

  function become(next: ThreadState | null): void {
    if (next === thread) return
    thread = next
    shown = null
    batch.once(listeners.call)
  }

  /** Callers that ask meanwhile wait for the same page. */
  function read(): Promise<void> {
    reading ??= readAnew().finally(() => {
      reading = null
      meanwhile = null
    })
    return reading
  }

  async function readAnew(): Promise<void> {
    for (let failures = 0; openings > 0; ) {
      isStale = false
      meanwhile = []
      try {
        const page = await needs.threadPage(message, null, FIRST)
        if (isStale) continue
        become(withThreadEvents(threadOf(page, needs.maxMessages), meanwhile, needs.state().me))
        return
      } catch (error) {
        isStale = true
        if (!(error instanceof ParleyError) || !error.retryable) throw error
        const delay = Math.max(error.retryAfterMs, backoff(failures++, env.random))
        await new Promise<void>((resolve) => void env.clock.after(delay, resolve))
      }
    }
  }

  async function change(frame: ClientFrame): Promise<OwnThread> {
    const data = await line.request(frame)
    if (!isOwnThread(data)) throw badAnswer()
    if (thread !== null) become(withOwn(thread, data))
    return data
  }

  const loadOlder = createOlder(
    {
      from: () => thread?.replies.from ?? null,
      add(page) {
        const replies = thread && withOlder(thread.replies, page, needs.state().me)
        if (thread === null || replies === null) return
        become({ ...thread, replies, most: Math.max(thread.most, replies.messages.length) })
      },
    },
    (before, limit) => needs.threadPage(message, before, limit),
  )

  function snapshotNow(of: RoomSnapshot): ThreadSnapshot {
    const { reacting, me } = needs.state()
    if (thread === null) return { ...EMPTY, status: of.status }
    const { begins, replies, own } = thread
    const numbers = new Set([begins.seq, ...replies.messages.map(({ seq }) => seq)])
    const [root = begins] = withReacting([begins], reacting)
    return {
      status: of.status,
      root,
      replies: withReacting(replies.messages, reacting),
      hasOlder: replies.from > 0,
      pending: of.pending.filter(({ replyTo }) => replyTo !== null && numbers.has(replyTo)),
      following: own.following,
      readSeq: own.read_seq,
      unread: unreadIn(thread, me),
    }
  }

  const view: ThreadView = {
    async open() {
      openings++
      if (openings === 1) stopHearing = room.subscribe(listeners.call)
      await room.open()
      if (isStale || reading !== null) await read()
    },
    close() {
      if (openings === 0) return
      openings--
      room.close()
      if (openings > 0) return
      isStale = true
      stopHearing()
    },
    getSnapshot() {
      const of = room.getSnapshot()
      if (shown?.of !== of) shown = { of, snapshot: snapshotNow(of) }
      return shown.snapshot
    },
    getServerSnapshot: () => EMPTY,
    subscribe: listeners.add,
    loadOlder: (limit = FIRST) => loadOlder(limit),
    send: (body, options = {}) => room.send(body, { replyTo: thread?.begins.seq ?? message, ...options }),
    follow: (follow) => change({ type: 'thread_follow', room: id, seq: message, follow }),
    read(seq) {
      const read_seq = seq ?? thread?.replies.messages.at(-1)?.seq ?? message
      return change({ type: 'thread_read', room: id, seq: message, read_seq })
    },
  }

  return {
    view,
    /** Takes in an event that the room's view has applied, in its order. */
    applied(event: RoomEvent): void {
      if (openings === 0) return
      // The page that is under way may have it, and brings what came before it.
      if (meanwhile !== null) meanwhile.push(event)
      else if (thread !== null) become(withThreadEvents(thread, [event], needs.state().me))
    },
    told(frame: ThreadFrame): void {
      if (thread !== null) become(withOwn(thread, frame))
    },
    /** The room's view has begun anew: what has happened until then is not told. */
    restart(): void {
      isStale = true
      if (openings > 0)
        read().catch((error: unknown) => env.log('error', 'A thread was not read again', { error }))
    },
    /** Another user sees other threads. */
    forget(): void {
      isStale = true
      become(null)
    },
  }
}

export type Thread = ReturnType<typeof createThread>

const EMPTY: ThreadSnapshot = {
  status: 'closed',
  root: null,
  replies: [],
  hasOlder: false,
  pending: [],
  following: false,
  readSeq: 0,
  unread: 0,
}
