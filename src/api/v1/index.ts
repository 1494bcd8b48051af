/*
 * Chat API v1: rooms, users and messages under /api/v1, and one socket per room.
 *
 * Imports core, server and api/shared. `frames.ts` has the frames, `errors.ts` the shape of errors, `identity.ts`
 * identifies callers, `socket.ts` is one socket; this file has the routes.
 */
import { Elysia, t } from 'elysia'
import { ChatError, type Room, type RoomId, type User } from '../../core/index.ts'
import { Connection, type Contract, type Server } from '../../server/index.ts'
import {
  DetailError,
  HistoryQuery,
  historyBefore,
  pageOf,
  paging,
  parseId,
  postText,
  speakerOf,
} from '../shared/index.ts'
import { errorOf, errors, parts } from './errors.ts'
import { messageBody } from './frames.ts'
import { createCallers, type V1Options } from './identity.ts'
import {
  MessageBody,
  NewMessage,
  NewRoom,
  NewUser,
  RoomBody,
  RoomPath,
  SocketPath,
  UserBody,
  UserPath,
  UserWithToken,
} from './schemas.ts'
import { v1Session } from './socket.ts'

export function v1(server: Server, options: V1Options): Contract {
  return {
    name: 'v1',
    prefixes: ['/api/v1/'],
    routes: routes(server, options),
    docs: {
      about: 'Rooms, users and messages, and a socket for each room.',
      schemas: {
        V1Message: MessageBody,
        V1NewMessage: NewMessage,
        V1NewRoom: NewRoom,
        V1NewUser: NewUser,
        V1Room: RoomBody,
        V1User: UserBody,
        V1UserWithToken: UserWithToken,
        DetailError,
      },
    },
    error: errorOf,
  }
}

function routes(server: Server, options: V1Options) {
  const { chat, identities } = server
  const callers = createCallers(server, options)

  return new Elysia({ name: 'v1', prefix: '/api/v1', detail: { tags: ['Chat API v1'] } })
    .post(
      '/rooms',
      async ({ body, request }) => {
        const caller = await callers.reader(request)
        return roomBody(await chat.rooms.create({ name: body.name, kind: 'public' }, caller))
      },
      {
        body: NewRoom,
        response: { 200: RoomBody, ...errors.list },
        detail: { operationId: 'v1CreateRoom', summary: 'Create a public room' },
      },
    )
    .get(
      '/rooms',
      async ({ request, query }) => {
        await callers.reader(request)
        return (await chat.rooms.listPublic(pageOf(query, 1000))).map(roomBody)
      },
      {
        query: paging(1000),
        response: { 200: t.Array(RoomBody), ...errors.list },
        detail: { operationId: 'v1ListRooms', summary: 'List the public rooms, by id' },
      },
    )
    .get(
      '/rooms/:room_id',
      async ({ params, request }) => {
        const reader = await callers.reader(request)
        return roomBody((await chat.rooms.visible({ id: roomId(params.room_id) }, reader?.id ?? null)).room)
      },
      {
        params: RoomPath,
        response: { 200: RoomBody, ...errors.get },
        detail: { operationId: 'v1GetRoom', summary: 'Get a room' },
      },
    )
    .post(
      '/users',
      async ({ body, request }) => {
        const { username } = body
        identities.expectNoForeignForm(request, server.clientSide(request).origin)
        const { user, token } = await chat.accounts.registerWithoutPassword(username, server.source(request))
        return { ...userBody(user), token }
      },
      {
        body: NewUser,
        response: { 200: UserWithToken, ...errors.register },
        detail: { operationId: 'v1CreateUser', summary: 'Create a user without a password', security: [] },
      },
    )
    .get(
      '/users',
      async ({ request, query }) => {
        await callers.reader(request)
        return (await chat.accounts.list(pageOf(query, 1000))).map(userBody)
      },
      {
        query: paging(1000),
        response: { 200: t.Array(UserBody), ...errors.list },
        detail: { operationId: 'v1ListUsers', summary: 'List the users, by id' },
      },
    )
    .get(
      '/users/:user_id',
      async ({ params, request }) => {
        await callers.reader(request)
        const id = parseId(params.user_id)
        const user = id === null ? null : await chat.accounts.user(id)
        if (user === null) throw new ChatError('not_found', 'User not found')
        return userBody(user)
      },
      {
        params: UserPath,
        response: { 200: UserBody, ...errors.get },
        detail: { operationId: 'v1GetUser', summary: 'Get a user' },
      },
    )
    .post(
      '/rooms/:room_id/messages',
      async ({ params, body, request }) => {
        const room = roomId(params.room_id)
        const { user } = await callers.speaker(request, body.user_id, false)
        const text = { body: body.content, kind: body.type ?? 'text' }
        return messageBody(await postText(chat, user, { id: room }, text, parts))
      },
      {
        params: RoomPath,
        body: NewMessage,
        response: { 200: MessageBody, ...errors.act },
        detail: {
          operationId: 'v1SendMessage',
          summary: 'Send a message; sending to a public room joins it',
        },
      },
    )
    .get(
      '/rooms/:room_id/messages',
      async ({ params, query, request }) => {
        const ref = { id: roomId(params.room_id) }
        const reader = await callers.reader(request)
        const page = await historyBefore(chat, ref, reader, query)
        return page.messages.map(messageBody)
      },
      {
        params: RoomPath,
        query: HistoryQuery,
        response: { 200: t.Array(MessageBody), ...errors.act },
        detail: {
          operationId: 'v1ListMessages',
          summary: 'List the latest messages of a room, oldest first',
        },
      },
    )
    .get(
      '/ws/:room_id/:user_id',
      async ({ params, request }) => {
        server.expectUpgrade(request)
        const room = roomId(params.room_id)
        const { user, identity } = await callers.speaker(request, params.user_id, true)
        await chat.membership.join({ id: room }, user)
        return server.upgrade(
          request,
          new Connection(speakerOf(user, identity), (connection) => v1Session(server, connection, room)),
        )
      },
      {
        params: SocketPath,
        response: { 101: t.Void({ description: 'The connection is now a WebSocket' }), ...errors.act },
        detail: { operationId: 'v1OpenSocket', summary: 'Open the socket of a room (WebSocket handshake)' },
      },
    )
}

function roomId(text: string): RoomId {
  const id = parseId(text)
  if (id === null) throw new ChatError('not_found', 'Room not found')
  return id
}

function roomBody(room: Room) {
  return { id: String(room.id), name: room.name ?? '', created_at: room.createdAt.toISOString() }
}

function userBody(user: User) {
  return { id: String(user.id), username: user.username, created_at: user.createdAt.toISOString() }
}
