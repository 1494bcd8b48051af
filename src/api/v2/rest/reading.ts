import { isSeq } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { markedBody, mentionCount, userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import { seqIn } from '../ids.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { RoomPath, roomAt } from './paths.ts'
import { PageQuery, pageById } from './queries.ts'

/** Read marks, unread counts and presence. */
export function readingRoutes(server: Server) {
  const { chat } = server

  return group('reading')
    .put(
      '/rooms/:room/marks',
      async ({ params, body, request }) => {
        const { id: user, username } = await callerOf(server, request)
        const { id } = roomAt(params)
        const { read_seq: read, delivered_seq: delivered } = body
        const marks = await chat.membership.mark(
          id,
          { id: user, username },
          {
            readSeq: isSeq(read) ? read : undefined,
            deliveredSeq: isSeq(delivered) ? delivered : undefined,
          },
        )
        return markedBody(id, marks)
      },
      {
        params: RoomPath,
        body: wire.MarksPut,
        response: { 200: wire.Marked, ...errors.changeRoom },
        detail: {
          operationId: 'moveMarks',
          summary: "Move the caller's marks forward; a read message also counts as delivered",
        },
      },
    )
    .put(
      '/rooms/:room/marks/unread',
      async ({ params, body, request }) => {
        const { id: user } = await callerOf(server, request)
        const { id } = roomAt(params)
        return markedBody(id, await chat.membership.markUnread(id, user, seqIn('seq', body.seq)))
      },
      {
        params: RoomPath,
        body: wire.UnreadPut,
        response: { 200: wire.Marked, ...errors.changeRoom },
        detail: {
          operationId: 'markUnread',
          summary:
            'Mark the messages from a number on as unread, for the caller alone, on all devices, until they are read again',
        },
      },
    )
    .get(
      '/rooms/:room/presence',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const { room } = await chat.rooms.asMember(ref, caller.id)
        const { online, count } = await chat.online.inRoom(room)
        if (online === null) return { online, online_count: count }
        const here = new Set(online)
        const page = { after: 0, limit: chat.rooms.listLimit }
        const members = await chat.rooms.members(ref, caller.id, page)
        const users = members.flatMap(({ user }) => (here.has(user.id) ? userRef(user) : []))
        return { online: users, online_count: count }
      },
      {
        params: RoomPath,
        response: { 200: wire.Presence, ...errors.readRoom },
        detail: {
          operationId: 'getPresence',
          summary:
            'Who is online in a room, for its members; only how many where it has more members than are listed',
        },
      },
    )
    .get(
      '/unread',
      async ({ query, request }) => {
        const caller = await callerOf(server, request)
        return pageById(
          'unread',
          query,
          (page) => chat.rooms.unread(caller.id, page),
          ({ room }) => room,
          (rooms) =>
            rooms.map(({ room, unread, mentions, readSeq, head }) => ({
              room,
              unread,
              ...mentionCount({ mentions }),
              read_seq: readSeq,
              head,
            })),
        )
      },
      {
        query: PageQuery,
        response: { 200: wire.UnreadPage, ...errors.list },
        detail: {
          operationId: 'listUnread',
          summary: 'List the rooms with unread messages, direct chats included, by id',
        },
      },
    )
}
