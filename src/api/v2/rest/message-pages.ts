import type { Static } from '@sinclair/typebox'
import { t } from 'elysia'
import { ChatError, type HistoryPage, type HistoryWhere } from '../../../core/index.ts'
import { seenMessage } from '../bodies.ts'
import type * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { pageQuery, seqOf, seqParameter } from './queries.ts'

/** The position and the size of a page of messages. */
export const MessagesQuery = t.Object({
  before: seqParameter('Messages before this number'),
  after: seqParameter('Messages after this number'),
  around: seqParameter('Messages around this number, and the one that has it'),
  tombstones: t.Optional(
    t.String({
      description: '`true` includes deleted messages, without their text',
      'x-shown': { type: 'boolean', default: false, examples: [true] },
    }),
  ),
  ...pageQuery,
})

/** @throws ChatError `invalid` if the query has more than one position */
export function messagesWhere(query: Static<typeof MessagesQuery>): HistoryWhere {
  const [name, another] = (['before', 'after', 'around', 'cursor'] as const).filter(
    (each) => query[each] !== undefined,
  )
  if (another !== undefined) {
    throw new ChatError('invalid', `${another}: cannot stand beside ${name}`, { field: another })
  }
  const text = name === undefined ? undefined : query[name]
  if (text === undefined) return 'latest'
  if (name === 'before') return { before: seqOf(name, text) }
  if (name === 'after') return { after: seqOf(name, text) }
  if (name === 'around') return { around: seqOf(name, text) }
  const { kind, at } = readCursor(text, ['before', 'after'])
  return kind === 'before' ? { before: at } : { after: at }
}

export function messagePage(page: HistoryPage, where: HistoryWhere): wire.MessagePage {
  const { messages, head, hasOlder, hasNewer } = page
  const [first, last] = [messages.at(0), messages.at(-1)]
  return {
    items: messages.map((message) => seenMessage(message, page)),
    prev: hasOlder ? cursorOf('before', first?.seq ?? emptyAt(where) + 1) : null,
    next: hasNewer ? cursorOf('after', last?.seq ?? Math.max(0, emptyAt(where) - 1)) : null,
    head,
  }
}

/** Returns the number in the request for a page without messages. */
function emptyAt(where: HistoryWhere): number {
  if (where === 'latest') return 0
  const at = 'before' in where ? where.before : 'after' in where ? where.after : where.around
  return Math.min(at, Number.MAX_SAFE_INTEGER - 1)
}
