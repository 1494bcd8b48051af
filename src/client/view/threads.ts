import type { Message, RoomEvent, Thread } from '../wire.ts'

/** Returns the thread that an event tells of, as far as it tells one. */
export function threadIn(event: RoomEvent): Thread | null {
  return 'thread' in event ? (event.thread ?? null) : null
}

/** Returns the message with its thread, unless it has a later state of it. A message whose replies are all gone has no such field. */
export function withThread(message: Message, thread: Thread): Message {
  const { thread: known, ...without } = message
  if (known !== undefined && known.changed_seq >= thread.changed_seq) return message
  return thread.replies > 0 ? { ...without, thread } : without
}

/** Returns a later form of a message with the thread of the earlier one: it is told separately. */
export function keepingThread(later: Message, earlier: Message): Message {
  return earlier.thread === undefined ? later : { ...later, thread: earlier.thread }
}

/** Returns the latest states of threads. @param more in the order in which they came */
export function latestThreads(known: readonly Thread[], more: readonly Thread[]): readonly Thread[] {
  const byRoot = new Map(known.map((thread) => [thread.root, thread]))
  for (const thread of more) {
    if ((byRoot.get(thread.root)?.changed_seq ?? 0) < thread.changed_seq) byRoot.set(thread.root, thread)
  }
  return [...byRoot.values()].sort((a, b) => a.changed_seq - b.changed_seq)
}
