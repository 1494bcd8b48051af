/* The functions that write rows of attachments, except those that append messages. */
import { declare } from './declare.ts'

/** Writes the row of an attachment, at the expense of its uploader's limits. */
export const addAttachment = declare(
  'parley_add_attachment',
  {
    room: 'bigint',
    uploader: 'bigint',
    key: 'text',
    name: 'text',
    type: 'text',
    size: 'bigint',
    width: 'int?',
    height: 'int?',
    placeholder: 'text?',
    has_thumbnail: 'boolean',
    quota: 'bigint',
    hour_bytes: 'bigint',
    hour_files: 'int',
  },
  { id: 'bigint?', left_bytes: 'bigint', wait_ms: 'bigint' },
)

/** Ends attachments that no message has taken in time. */
export const lapseAttachments = declare(
  'parley_lapse_attachments',
  { age_ms: 'bigint', limit: 'int' },
  { gone: 'int' },
)

/** Removes rows of attachments whose bytes are gone. */
export const forgetAttachments = declare('parley_forget_attachments', { ids: 'bigint[]' }, { gone: 'int' })
