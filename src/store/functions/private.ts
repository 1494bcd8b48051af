/* The functions that write what users keep for themselves. */
import { declare } from './declare.ts'

/** Sets a member's draft, or removes it if `value` is null; `written` is null for non-members, `version` if it answers no message of the room. */
export const setDraft = declare(
  'parley_set_draft',
  { room: 'bigint', user: 'bigint', value: 'text?', base: 'bigint?', ago: 'bigint' },
  { written: 'boolean?', version: 'bigint?', value: 'text?', at: 'timestamptz?' },
)

/** Saves a message for a user, or removes it from those that are saved, with a code. */
export const saveMessage = declare(
  'parley_save_message',
  { room: 'bigint', user: 'bigint', seq: 'bigint', on: 'int', most: 'int' },
  { code: 'int', number: 'bigint' },
)

/** Marks a member's messages from `seq` on as unread; everything is null for non-members. */
export const markUnread = declare(
  'parley_mark_unread',
  { room: 'bigint', user: 'bigint', seq: 'bigint', window: 'int', most: 'int' },
  {
    own_read: 'bigint?',
    delivered_to: 'bigint?',
    head: 'bigint?',
    unread: 'int?',
    mentions: 'int?',
    number: 'bigint?',
  },
)

/** Sets what a member wants to be notified of; `version` is null for non-members, `item` if there is no such message. */
export const setNotifications = declare(
  'parley_set_notifications',
  { room: 'bigint', user: 'bigint', message: 'bigint', value: 'text?' },
  { item: 'bigint?', version: 'bigint?', at: 'timestamptz?', changed: 'boolean?' },
)

/** Forgets private entries that were removed long ago. */
export const forgetPrivate = declare('parley_forget_private', { days: 'int', limit: 'int' }, { gone: 'int' })
