import { t } from 'elysia'
import { type Chat, ChatError, type HistoryPage, type RoomRef, type UserRef } from '../../core/index.ts'
import { parseId } from './ids.ts'
import { limitOf, limitParameter } from './paging.ts'

/** `?limit=&before=` of the contracts that page back by a message's id. */
export const HistoryQuery = t.Object({
  limit: limitParameter('Messages in the page, 1 to 200; 50 by default', '50'),
  before: t.Optional(
    t.String({ description: 'The id of a message: the page ends before it', examples: ['12'] }),
  ),
})

/** @throws ChatError `invalid` where `before` is no message of the room, and as `history` */
export async function historyBefore(
  chat: Chat,
  room: RoomRef,
  reader: UserRef | null,
  query: { limit?: string; before?: string },
): Promise<HistoryPage> {
  const limit = limitOf(query.limit, { usual: 50, most: 200 })
  if (query.before === undefined) return chat.messages.history(room, reader, 'latest', limit)
  const id = parseId(query.before)
  if (id === null) throw new ChatError('invalid', 'before: must be the id of a message', { field: 'before' })
  const before = await chat.messages.place(room, reader, id)
  return chat.messages.history(room, reader, { before }, limit)
}
