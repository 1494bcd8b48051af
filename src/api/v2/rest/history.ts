import { t } from 'elysia'
import { ChatError, type Seq } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { seenMessage, snapshotBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import { eventBody } from '../event-bodies.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { MessagesQuery, messagePage, messagesWhere } from './message-pages.ts'
import { MessagePath, messageAt, RoomPath, roomAt } from './paths.ts'
import { flagOf, integerOf, pageLimit, pageQuery, seqOf, seqParameter } from './queries.ts'

/** The history of a room: pages of messages, single messages, changes, snapshots. */
export function historyRoutes(server: Server) {
  const { chat } = server

  return group('history')
    .get(
      '/rooms/:room/messages',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const where = messagesWhere(query)
        const show = { tombstones: flagOf('tombstones', query.tombstones), viewer: caller.id }
        const page = await chat.messages.history(roomAt(params), caller, where, pageLimit(query), show)
        return messagePage(page, where)
      },
      {
        params: RoomPath,
        query: MessagesQuery,
        response: { 200: wire.MessagePage, ...errors.listRoom },
        detail: {
          operationId: 'listMessages',
          summary:
            'Messages of a room, oldest first: the latest, or those before, after or around a number; `prev` and `next` are cursors of the neighbouring pages, with the other parameters as they were',
        },
      },
    )
    .get(
      '/rooms/:room/messages/:seq',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const { seq } = messageAt(params)
        const page = await chat.messages.history(ref, caller, { around: seq }, 1, {
          tombstones: true,
          viewer: caller.id,
        })
        const message = page.messages.find((each) => each.seq === seq)
        if (message === undefined) throw new ChatError('not_found', 'Message not found')
        return seenMessage(message, page)
      },
      {
        params: MessagePath,
        response: { 200: wire.Message, ...errors.readRoom },
        detail: { operationId: 'getMessage', summary: 'Get a message, or its tombstone' },
      },
    )
    .get(
      '/rooms/:room/changes',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const after = changesAfter(query)
        const waitMs = 1000 * integerOf('wait', query.wait, { usual: 0, least: 0, most: 30 })
        const read = () => chat.messages.changes(ref, caller, after, pageLimit(query))
        let page = await read()
        // A lower head says that the history was rewritten.
        if (waitMs > 0 && page.head === after) {
          const gone = (act: () => void) => request.signal.addEventListener('abort', act)
          await chat.waits.changed(ref.id, caller, after, waitMs, gone)
          page = await read()
        }
        const { events, head, readAt } = page
        return {
          items: events.map(eventBody),
          head,
          next: head === readAt ? null : cursorOf('changes', head),
        }
      },
      {
        params: RoomPath,
        query: t.Object({
          after: seqParameter('What happened after this number; 0 by default'),
          wait: t.Optional(
            t.String({
              description:
                'The most seconds to wait for something to happen, 0 to 30, if nothing has; 0 by default. Less than the time for which the server and the proxies before it let a connection be silent',
              'x-shown': { type: 'integer', minimum: 0, maximum: 30, default: 0, examples: [25] },
            }),
          ),
          ...pageQuery,
        }),
        response: { 200: wire.ChangesPage, ...errors.listRoom },
        detail: {
          operationId: 'listChanges',
          summary:
            'What was sent or changed in a room after a number, compacted: an edited message comes once, as it is now. Everything up to `head` is contained',
        },
      },
    )
    .get(
      '/rooms/:room/snapshot',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const { id } = roomAt(params)
        const messages = integerOf('messages', query.messages, { usual: 50, least: 0, most: 200 })
        const snapshot = await chat.rooms.snapshot(id, caller.id, messages)
        const { other } = snapshot.view
        return snapshotBody(snapshot, await chat.online.among(other === null ? [] : [other.id]))
      },
      {
        params: RoomPath,
        query: t.Object({
          messages: t.Optional(
            t.String({
              description: 'Number of messages, 0 to 200; 50 by default',
              'x-shown': { type: 'integer', minimum: 0, maximum: 200, default: 50, examples: [50] },
            }),
          ),
        }),
        response: { 200: wire.Snapshot, ...errors.listRoom },
        detail: { operationId: 'getSnapshot', summary: 'Get a snapshot of a room; for members' },
      },
    )
}

function changesAfter({ after, cursor }: { readonly after?: string; readonly cursor?: string }): Seq {
  if (cursor === undefined) return seqOf('after', after ?? '0')
  if (after === undefined) return readCursor(cursor, ['changes']).at
  throw new ChatError('invalid', 'cursor: cannot stand beside after', { field: 'cursor' })
}
