import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, roomAt } from './paths.ts'
import { pageLimit, pageQuery } from './queries.ts'

/** The messages that the caller has saved. */
export function savedRoutes(server: Server) {
  const { chat } = server

  async function save(
    params: { readonly room: string; readonly seq: string },
    request: Request,
    on: boolean,
  ): Promise<wire.Saved> {
    const { id } = await callerOf(server, request)
    const [room, { seq }] = [roomAt(params).id, messageAt(params)]
    return { room, seq, saved: on, private_seq: await chat.saved.save(room, id, seq, on) }
  }

  return group('saved')
    .get(
      '/me/saved',
      async ({ query, request }) => {
        const { id } = await callerOf(server, request)
        const before = query.cursor === undefined ? null : readCursor(query.cursor, ['saved']).at
        const { items, next } = await chat.saved.list(id, before, pageLimit(query))
        return {
          items: items.map(({ entry, message }) => ({
            private_seq: entry.seq,
            saved_at: isoTime(entry.at),
            message: messageBody(message),
          })),
          next: next === null ? null : cursorOf('saved', next),
        }
      },
      {
        query: t.Object(pageQuery),
        response: { 200: wire.SavedPage, ...errors.list },
        detail: {
          operationId: 'listSaved',
          summary:
            'List the messages that the caller has saved and may still read, of all rooms, the latest saved first; without deleted ones',
        },
      },
    )
    .put('/me/saved/:room/:seq', ({ params, request }) => save(params, request, true), {
      params: MessagePath,
      response: { 200: wire.Saved, ...errors.changeRoom },
      detail: {
        operationId: 'saveMessage',
        summary: 'Save a message for the caller alone, on all devices; does nothing if it is saved already',
      },
    })
    .delete('/me/saved/:room/:seq', ({ params, request }) => save(params, request, false), {
      params: MessagePath,
      response: { 200: wire.Saved, ...errors.changeOne },
      detail: {
        operationId: 'unsaveMessage',
        summary: "Remove a message from the caller's saved ones; does nothing if it is not among them",
      },
    })
}
