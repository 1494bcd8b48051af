import { isId } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { PageQuery, pageLimit } from './queries.ts'

/** Messages that mention the caller. */
export function mentionRoutes(server: Server) {
  const { chat } = server

  return group('mentions').get(
    '/mentions',
    async ({ query, request }) => {
      const caller = await callerOf(server, request)
      const limit = pageLimit(query)
      const at = query.cursor === undefined ? 0 : readCursor(query.cursor, ['mentions']).at
      const { messages, next } = await chat.mentions.list(caller.id, { before: isId(at) ? at : null, limit })
      return {
        items: messages.map((message) => messageBody(message)),
        next: next === null ? null : cursorOf('mentions', next),
      }
    },
    {
      query: PageQuery,
      response: { 200: wire.MentionPage, ...errors.list },
      detail: {
        operationId: 'listMentions',
        summary:
          'List the messages that mention the caller, by name, `@online` or `@room`, in all rooms that the caller is in; the latest first',
      },
    },
  )
}
