/* The functions that change threads, besides those that write messages. */
import { declare } from './declare.ts'

/** What a user's relation to a thread is after a change of it. */
const threadState = {
  root: 'bigint?',
  following: 'boolean?',
  read_seq: 'bigint?',
  version: 'bigint?',
  changed: 'boolean',
} as const

/** Lets a member follow the thread of a message, or stop to. */
export const followThread = declare(
  'parley_follow_thread',
  { user: 'bigint', room: 'bigint', seq: 'bigint', following: 'boolean' },
  threadState,
)

/** Moves the mark up to which a member has read the thread of a message. */
export const readThread = declare(
  'parley_read_thread',
  { user: 'bigint', room: 'bigint', seq: 'bigint', read: 'bigint' },
  threadState,
)

/** Gathers replies from before there were threads. */
export const gatherThreads = declare('parley_gather_threads', { limit: 'int' }, { seen: 'int' })
