import { MOST_FOLLOWED, type OwnThread, type Seq, type User } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody, ownThreadBody, seenMessage, threadBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import { seqIn } from '../ids.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { MessagesQuery, messagePage, messagesWhere } from './message-pages.ts'
import { MessagePath, messageAt, roomAt } from './paths.ts'
import { flagOf, PageQuery, pageLimit } from './queries.ts'

type At = { readonly room: string; readonly seq: string }

/** Threads: their replies, and which of them the caller follows and has read. */
export function threadRoutes(server: Server) {
  const { chat } = server

  async function change(
    params: At,
    request: Request,
    act: (caller: User, message: Seq) => Promise<OwnThread>,
  ): Promise<wire.OwnThread> {
    const caller = await callerOf(server, request)
    return ownThreadBody(roomAt(params).id, await act(caller, messageAt(params).seq))
  }

  return group('threads')
    .get(
      '/rooms/:room/messages/:seq/thread',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const [ref, { seq }] = [roomAt(params), messageAt(params)]
        const where = messagesWhere(query)
        const wanted = { limit: pageLimit(query), tombstones: flagOf('tombstones', query.tombstones) }
        const { message, thread, own, page } = await chat.threads.page(ref, caller, seq, where, wanted)
        const begins = seenMessage(message, page)
        return {
          message: thread === null ? begins : { ...begins, thread: threadBody(thread) },
          own: ownThreadBody(ref.id, own),
          ...messagePage(page, where),
        }
      },
      {
        params: MessagePath,
        query: MessagesQuery,
        response: { 200: wire.ThreadPage, ...errors.listRoom },
        detail: {
          operationId: 'getThread',
          summary:
            'The thread of a message: the message that begins it, and its replies, oldest first, in pages as of `listMessages`. The path may name any message of the thread',
        },
      },
    )
    .put(
      '/rooms/:room/messages/:seq/thread/follow',
      ({ params, request }) =>
        change(params, request, (caller, seq) => chat.threads.follow(roomAt(params).id, caller, seq, true)),
      {
        params: MessagePath,
        response: { 200: wire.OwnThread, ...errors.changeRoom },
        detail: { operationId: 'followThread', summary: 'Follow the thread of a message; for members' },
      },
    )
    .delete(
      '/rooms/:room/messages/:seq/thread/follow',
      ({ params, request }) =>
        change(params, request, (caller, seq) => chat.threads.follow(roomAt(params).id, caller, seq, false)),
      {
        params: MessagePath,
        response: { 200: wire.OwnThread, ...errors.changeRoom },
        detail: {
          operationId: 'unfollowThread',
          summary: 'Stop to follow the thread of a message; a later reply of the caller begins it again',
        },
      },
    )
    .put(
      '/rooms/:room/messages/:seq/thread/read',
      ({ params, body, request }) =>
        change(params, request, (caller, seq) =>
          chat.threads.read(roomAt(params).id, caller, seq, seqIn('seq', body.seq)),
        ),
      {
        params: MessagePath,
        body: wire.ThreadMark,
        response: { 200: wire.OwnThread, ...errors.changeRoom },
        detail: {
          operationId: 'readThread',
          summary: "Move the caller's read mark in the thread of a message forward",
        },
      },
    )
    .get(
      '/me/threads',
      async ({ query, request }) => {
        const { id } = await callerOf(server, request)
        const limit = pageLimit(query)
        const skip = query.cursor === undefined ? 0 : readCursor(query.cursor, ['threads']).at
        // One more tells whether there is a next page.
        const found = skip < MOST_FOLLOWED ? await chat.threads.followed(id, { skip, limit: limit + 1 }) : []
        return {
          items: found.slice(0, limit).map(({ message, thread, own }) => ({
            message:
              thread === null
                ? messageBody(message)
                : { ...messageBody(message), thread: threadBody(thread) },
            own: ownThreadBody(message.roomId, own),
          })),
          next: found.length > limit ? cursorOf('threads', skip + limit) : null,
        }
      },
      {
        query: PageQuery,
        response: { 200: wire.FollowedPage, ...errors.list },
        detail: {
          operationId: 'listThreads',
          summary: `The threads that the caller follows, the one with the latest reply first, of the newest ${MOST_FOLLOWED.toLocaleString('en')}. A thread that moves up meanwhile may come again on the next page`,
        },
      },
    )
}
