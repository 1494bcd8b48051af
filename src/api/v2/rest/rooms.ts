import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { metadataIn } from '../details-bodies.ts'
import { errors, withField } from '../errors.ts'
import { idIn } from '../ids.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { RoomPath, roomAt } from './paths.ts'
import { pageById, pageQuery } from './queries.ts'
import { showRoom, showRooms } from './show.ts'

/** Rooms and direct chats. */
export function roomRoutes(server: Server) {
  const { chat } = server

  return group('rooms')
    .get(
      '/rooms',
      async ({ query, request }) => {
        const caller = await callerOf(server, request)
        return pageById(
          'rooms',
          query,
          (page) => chat.rooms.views(caller.id, query.scope ?? 'joined', page),
          (view) => view.room.id,
          (views) => showRooms(chat, views),
        )
      },
      {
        query: t.Object({ ...pageQuery, scope }),
        response: { 200: wire.RoomPage, ...errors.list },
        detail: { operationId: 'listRooms', summary: 'Rooms, by id' },
      },
    )
    .post(
      '/rooms',
      async ({ body, request, set }) => {
        const caller = await callerOf(server, request)
        const invited = (body.invited ?? []).map((id) => idIn('invited', id))
        const made = await withField('invited_users', 'invited', () =>
          chat.rooms.create({ ...body, invited }, caller),
        )
        set.status = 201
        return showRoom(chat, await chat.rooms.view({ id: made.id }, caller.id))
      },
      {
        body: wire.NewRoom,
        response: { 201: wire.Room, ...errors.create },
        detail: { operationId: 'createRoom', summary: 'Create a room; the caller becomes its owner' },
      },
    )
    .get(
      '/rooms/:room',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        return showRoom(chat, await chat.rooms.view(roomAt(params), caller.id))
      },
      {
        params: RoomPath,
        response: { 200: wire.Room, ...errors.readOne },
        detail: { operationId: 'getRoom', summary: 'Get a room, as the caller sees it' },
      },
    )
    .patch(
      '/rooms/:room',
      async ({ params, body, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const { posting, slow_mode: slowMode, ...described } = body
        const hasRules = posting !== undefined || slowMode !== undefined
        if (!hasRules || Object.keys(described).length > 0) {
          await chat.rooms.describe(ref, caller, { ...described, metadata: metadataIn(described.metadata) })
        }
        if (hasRules) await chat.moderation.setRules(ref, caller, { posting, slowMode })
        return showRoom(chat, await chat.rooms.view(ref, caller.id))
      },
      {
        params: RoomPath,
        body: wire.RoomPatch,
        response: { 200: wire.Room, ...errors.changeRoom },
        detail: {
          operationId: 'updateRoom',
          summary:
            'Change the description, avatar and metadata of a room, and who may post in it how often; fields that are left out stay the same',
        },
      },
    )
    .delete(
      '/rooms/:room',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.rooms.remove(roomAt(params), caller)
        set.status = 204
      },
      {
        params: RoomPath,
        response: { 204: t.Void({ description: 'Deleted for everyone' }), ...errors.changeRoom },
        detail: { operationId: 'deleteRoom', summary: 'Delete a room with all its messages' },
      },
    )
    .post(
      '/directs',
      async ({ body, request, set }) => {
        const caller = await callerOf(server, request)
        const { summary, made } = await withField('user_id', 'user', () =>
          chat.rooms.openDirect(caller, idIn('user', body.user)),
        )
        set.status = made ? 201 : 200
        return showRoom(chat, await chat.rooms.view({ id: summary.room.id }, caller.id))
      },
      {
        body: wire.NewDirect,
        response: { 200: wire.Room, 201: wire.Room, ...errors.create },
        detail: {
          operationId: 'openDirect',
          summary:
            'Get the direct chat with another user, or create it: 201 if it was created, 200 if it existed',
        },
      },
    )
}

const scope = t.Optional(
  t.Union([t.Literal('joined'), t.Literal('public'), t.Literal('invited'), t.Literal('direct')], {
    description:
      'Which: `joined` (the default) are those that the caller is in, direct chats too; `public` all public ones; `invited` those that the caller is invited to; `direct` the direct chats',
    examples: ['joined'],
  }),
)
