import { t } from 'elysia'
import { type Chat, ChatError, type HistoryPage, type RoomRef, type UserRef } from '../../core/index.ts'
import { idText, parseId } from './ids.ts'
import { limitOf, limitParameter } from './paging.ts'

const size = { usual: 50, most: 200 }

/** `?limit=&before=`, the query of contracts that page back by a message's id. */
export const HistoryQuery = t.Object({
  limit: limitParameter('Messages in the page', size),
  before: t.Optional(idText('The id of a message in the room: the page ends before it')),
})

/** @throws ChatError `invalid` if `before` is not a message of the room, and as `history` does */
export async function historyBefore(
  chat: Chat,
  room: RoomRef,
  reader: UserRef | null,
  query: { limit?: string; before?: string },
): Promise<HistoryPage> {
  const limit = limitOf(query.limit, size)
  if (query.before === undefined) return chat.messages.history(room, reader, 'latest', limit)
  const id = parseId(query.before)
  if (id === null) throw new ChatError('invalid', 'before: must be the id of a message', { field: 'before' })
  const before = await chat.messages.place(room, reader, id)
  return chat.messages.history(room, reader, { before }, limit)
}
