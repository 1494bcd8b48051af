import { t } from 'elysia'
import { ChatError, MOST_OWN_ROOMS } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { PageQuery, pageLimit, pageQuery } from './queries.ts'
import { showRooms } from './show.ts'

/** Rooms found by name, and listed by activity. */
export function findingRoutes(server: Server) {
  const { chat } = server

  return group('finding')
    .get(
      '/search/rooms',
      async ({ query, request }) => {
        const caller = await callerOf(server, request)
        if (query.name === '' || [...query.name].length > 100 || query.name.includes('\0')) {
          throw new ChatError('invalid', 'name: must have 1 to 100 characters, none of them NUL', {
            field: 'name',
          })
        }
        const found = await chat.rooms.named(caller.id, query.name, pageLimit(query))
        return { items: await showRooms(chat, found) }
      },
      {
        query: t.Object({
          name: t.String({
            description: 'How the name begins, whatever its case',
            examples: ['eng'],
            'x-shown': { minLength: 1, ...wire.text(100) },
          }),
          limit: pageQuery.limit,
        }),
        response: { 200: wire.FoundRooms, ...errors.list },
        detail: {
          operationId: 'searchRooms',
          summary: `Rooms by name: public ones, and of the caller's own the newest ${MOST_OWN_ROOMS.toLocaleString('en')}`,
        },
      },
    )
    .get(
      '/recent',
      async ({ query, request }) => {
        const caller = await callerOf(server, request)
        const limit = pageLimit(query)
        const skip = query.cursor === undefined ? 0 : readCursor(query.cursor, ['recent']).at
        // One more tells whether there is a next page.
        const found =
          skip < MOST_OWN_ROOMS ? await chat.rooms.recent(caller.id, { skip, limit: limit + 1 }) : []
        const shown = found.slice(0, limit)
        const rooms = await showRooms(
          chat,
          shown.map(({ view }) => view),
        )
        return {
          items: shown.flatMap(({ lastMessage }, place) => {
            const room = rooms[place]
            return room === undefined ? [] : [{ room, last_message: lastMessage && messageBody(lastMessage) }]
          }),
          next: found.length > limit ? cursorOf('recent', skip + limit) : null,
        }
      },
      {
        query: PageQuery,
        response: { 200: wire.RecentPage, ...errors.list },
        detail: {
          operationId: 'listRecent',
          summary: `The caller's rooms, direct chats too, each with its latest message; the latest first, of the newest ${MOST_OWN_ROOMS.toLocaleString('en')} rooms. A room that moves up meanwhile may come again on the next page`,
        },
      },
    )
}
