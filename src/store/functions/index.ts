/*
 * The SQL functions of `drizzle/functions/` as typed calls. Those that only SQL calls, or larger statements, have no declaration.
 */
import { addAttachment, forgetAttachments, lapseAttachments } from './attachments.ts'
import { declare, type SqlFunction } from './declare.ts'
import { append, appendCarefully, forgetRevisions, revise } from './messages.ts'
import { block, restrain, setRules } from './moderation.ts'
import { pin } from './pins.ts'
import { forgetPrivate, markUnread, saveMessage, setDraft, setNotifications } from './private.ts'
import { searchClaim, searchIndex } from './search.ts'
import { followThread, gatherThreads, readThread } from './threads.ts'

export { addAttachment, forgetAttachments, lapseAttachments } from './attachments.ts'
export { append, appendCarefully, forgetRevisions, revise, verdicts } from './messages.ts'
export { block, restrain, setRules } from './moderation.ts'
export { pin } from './pins.ts'
export { forgetPrivate, markUnread, saveMessage, setDraft, setNotifications } from './private.ts'
export { searchClaim, searchIndex } from './search.ts'
export { followThread, gatherThreads, readThread } from './threads.ts'

export const setMember = declare(
  'parley_set_member',
  {
    room: 'bigint',
    actor: 'bigint',
    actor_role: 'text?',
    actor_invited: 'boolean',
    user: 'bigint',
    user_role: 'text?',
    user_invited: 'boolean',
    new_role: 'text?',
    change: 'text',
  },
  {
    seq: 'bigint',
    at: 'timestamptz',
    other: 'bigint?',
    other_role: 'text?',
    other_name: 'text?',
    user_number: 'bigint',
    other_number: 'bigint?',
  },
)

export const invite = declare(
  'parley_invite',
  { room: 'bigint', actor: 'bigint', actor_role: 'text?', users: 'bigint[]' },
  { invited: 'bigint[]', seqs: 'bigint[]', at: 'timestamptz', numbers: 'bigint[]' },
)

export const uninvite = declare(
  'parley_uninvite',
  {
    room: 'bigint',
    actor: 'bigint',
    actor_role: 'text?',
    actor_invited: 'boolean',
    user: 'bigint',
    invited_by: 'bigint',
  },
  { seq: 'bigint', at: 'timestamptz', user_number: 'bigint' },
)

export const createRoom = declare(
  'parley_create_room',
  {
    name: 'text?',
    kind: 'text',
    creator: 'bigint?',
    description: 'text',
    avatar: 'text',
    invited: 'bigint[]',
    key: 'text?',
    look_alike: 'text?',
  },
  { room: 'bigint', numbers: 'bigint[]?' },
)

/** Makes an account; `made` is null if its name is taken, or looks like another's. */
export const createUser = declare(
  'parley_create_user',
  { username: 'text', key: 'text', look_alike: 'text', password_hash: 'text?', kind: 'text' },
  { made: 'bigint?', at: 'timestamptz?' },
)

export const openDirect = declare(
  'parley_open_direct',
  { opener: 'bigint', other: 'bigint' },
  { room: 'bigint?', made: 'boolean', numbers: 'bigint[]?' },
)

export const deleteRoom = declare(
  'parley_delete_room',
  { room: 'bigint', actor: 'bigint', actor_role: 'text?' },
  { users: 'bigint[]', numbers: 'bigint[]' },
)

export const describeRoom = declare(
  'parley_describe_room',
  {
    room: 'bigint',
    actor: 'bigint',
    actor_role: 'text?',
    description: 'text?',
    avatar: 'text?',
    metadata: 'text?',
  },
  { seq: 'bigint', at: 'timestamptz', described: 'text', pictured: 'text', annotated: 'text?' },
)

export const moveMarks = declare(
  'parley_move_marks',
  {
    rooms: 'bigint[]',
    users: 'bigint[]',
    read: 'bigint[]',
    delivered: 'bigint[]',
    window: 'int',
    most: 'int',
  },
  {
    place: 'bigint',
    read_to: 'bigint',
    delivered_to: 'bigint',
    head: 'bigint',
    unread: 'bigint',
    mentions: 'bigint',
    people: 'int',
    moved: 'boolean',
    own_read: 'bigint',
    number: 'bigint?',
  },
)

/** Adds and removes reactions in one room, with a code for each, and a number and a time to wait for each message. */
export const react = declare(
  'parley_react',
  {
    room: 'bigint',
    messages: 'bigint[]',
    place: 'int[]',
    users: 'bigint[]',
    reactions: 'text[]',
    on: 'int[]',
    window: 'int',
    own: 'int',
    kinds: 'int',
  },
  {
    codes: 'int[]',
    seqs: 'bigint[]',
    waits: 'int[]',
    shown: 'text',
    head: 'bigint',
    at: 'timestamptz',
  },
)

/** Returns whether the node's beats are still there, and the epoch; writes the next beat unless it is null. */
export const beat = declare(
  'parley_beat',
  { node: 'text', seen: 'bigint', next: 'bigint?' },
  { number: 'bigint', name: 'text', kept: 'boolean', server: 'timestamptz' },
)

/** Begins another epoch if the history was rewritten. See `drizzle/functions/parley_begin_epoch.sql`. */
export const beginEpoch = declare(
  'parley_begin_epoch',
  {
    number: 'bigint',
    name: 'text',
    next: 'text',
    node: 'text',
    beat: 'bigint',
    room: 'bigint?',
    seq: 'bigint?',
    message: 'bigint?',
  },
  { number: 'bigint', name: 'text' },
)

export const purge = declare('parley_purge', { limit: 'int' }, { gone: 'int' })

/** Removes reactions to a deleted message. */
export const forgetReactions = declare('parley_forget_reactions', { limit: 'int' }, { gone: 'int' })

/** Removes changes of memberships that ended long ago. */
export const forgetMemberships = declare(
  'parley_forget_memberships',
  { days: 'int', limit: 'int' },
  { gone: 'int' },
)

/** All of them, for the test that compares them with the database. */
export const declarations: readonly SqlFunction[] = [
  append,
  appendCarefully,
  revise,
  setMember,
  invite,
  uninvite,
  createRoom,
  createUser,
  openDirect,
  deleteRoom,
  describeRoom,
  restrain,
  setRules,
  block,
  moveMarks,
  react,
  pin,
  followThread,
  readThread,
  beat,
  beginEpoch,
  purge,
  addAttachment,
  lapseAttachments,
  forgetAttachments,
  forgetReactions,
  gatherThreads,
  forgetMemberships,
  forgetRevisions,
  setDraft,
  saveMessage,
  markUnread,
  setNotifications,
  forgetPrivate,
  searchClaim,
  searchIndex,
]
