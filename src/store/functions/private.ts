/* The functions that write what users keep for themselves. */
import { declare } from './declare.ts'

/** Sets a member's draft, or removes it if `value` is null; `written` is null for non-members. */
export const setDraft = declare(
  'parley_set_draft',
  { room: 'bigint', user: 'bigint', value: 'text?', base: 'bigint?', ago: 'bigint' },
  { written: 'boolean?', version: 'bigint?', value: 'text?', at: 'timestamptz?' },
)

/** Forgets private entries that were removed long ago. */
export const forgetPrivate = declare('parley_forget_private', { days: 'int', limit: 'int' }, { gone: 'int' })
