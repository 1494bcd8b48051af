import type { Seq, Thread, Threads, UserId } from '../../core/index.ts'
import { toUserRef } from './rows.ts'

/** A thread as drizzle/functions/parley_thread.sql returns it. */
export type ShownThread = readonly [
  root: Seq,
  replies: number,
  participants: number,
  lastSeq: Seq | null,
  /** In milliseconds. */
  lastAt: number | null,
  changedSeq: Seq,
  users: readonly (readonly [user: UserId, username: string | null])[],
]

/** @param text as `parley_thread` returns it */
export function parseThread(text: string | null): Thread | null {
  if (text === null) return null
  const shown: ShownThread = JSON.parse(text)
  return toThread(shown)
}

export function toThread([
  root,
  replies,
  participants,
  lastSeq,
  lastAt,
  changedSeq,
  users,
]: ShownThread): Thread {
  return {
    root,
    replies,
    participants,
    users: users.map(([id, username]) => toUserRef(id, username)),
    lastSeq,
    lastAt: lastAt === null ? null : new Date(lastAt),
    changedSeq,
  }
}

/** Returns the threads of an append, by the places of its drafts; null if there are none. @param text as `parley_append_messages` returns it */
export function parseThreads(text: string | null, drafts: number): (Thread | null)[] | null {
  if (text === null) return null
  const places: readonly (readonly [place: number, thread: ShownThread])[] = JSON.parse(text)
  const threads = new Array<Thread | null>(drafts).fill(null)
  for (const [place, shown] of places) threads[place - 1] = toThread(shown)
  return threads
}

/** Returns the threads that messages begin, by the messages' numbers. */
export function toThreads(rows: readonly { readonly begun: string | null }[]): Threads {
  const threads = new Map<Seq, Thread>()
  for (const { begun } of rows) {
    const thread = parseThread(begun)
    if (thread !== null) threads.set(thread.root, thread)
  }
  return threads
}
