/* The functions that write messages. */
import type { Verdict } from '../../core/index.ts'
import { declare } from './declare.ts'

/** Appends a batch; raises `NEEDS_CARE` if anything in it is unusual. See `drizzle/functions/parley_append_messages.sql`. */
export const append = declare(
  'parley_append_messages',
  {
    rooms: 'bigint[]',
    counts: 'int[]',
    starts: 'int[]',
    versions: 'bigint?[]',
    place: 'int[]',
    senders: 'bigint[]',
    clients: 'text[]',
    kinds: 'text[]?',
    bodies: 'text[]',
    replies: 'bigint?[]?',
    details: 'text?[]?',
    in_room: 'int[]?',
  },
  {
    shifts: 'bigint[]',
    ids: 'bigint[]',
    versions: 'bigint[]?',
    at: 'timestamptz',
    settled: 'text?',
    threads: 'text?',
  },
)

/** Appends a batch draft by draft, with a code for each. */
export const appendCarefully = declare(
  'parley_append_each',
  {
    rooms: 'bigint[]',
    place: 'int[]',
    senders: 'bigint[]',
    clients: 'text[]',
    kinds: 'text[]',
    bodies: 'text[]',
    replies: 'bigint?[]?',
    details: 'text?[]?',
    in_room: 'int[]?',
  },
  {
    codes: 'int[]',
    seqs: 'bigint[]',
    ids: 'bigint[]',
    ats: 'text[]',
    waits: 'bigint[]',
    settled: 'text?',
    threads: 'text?',
  },
)

/** What the `codes` of `appendCarefully` mean, by their value. */
export const verdicts: readonly Verdict[] = [
  'sent',
  'retry',
  'not_member',
  'no_room',
  'key_elsewhere',
  'no_target',
  'no_attachment',
  'muted',
  'slow_mode',
  'posting_restricted',
  'blocked',
]

/** Edits a message, or deletes it if `body` is null. `details` holds those to replace, with null for those to remove, `kept` how many former texts stay. */
export const revise = declare(
  'parley_revise_message',
  {
    room: 'bigint',
    seq: 'bigint',
    actor: 'bigint',
    actor_role: 'text?',
    body: 'text?',
    details: 'text?',
    kept: 'int?',
  },
  {
    version: 'bigint?',
    edited: 'timestamptz?',
    deleted: 'timestamptz?',
    details: 'text?',
    thread_now: 'text?',
  },
)

/** Removes former texts of messages that were replaced long ago. */
export const forgetRevisions = declare(
  'parley_forget_revisions',
  { days: 'int', limit: 'int' },
  { gone: 'int' },
)
