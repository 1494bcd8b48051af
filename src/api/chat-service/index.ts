/*
 * The chat service: rooms by invitation, under /chat/. Live messages come over the room socket.
 *
 * Imports core, server and api/shared.
 */
import { Elysia, t } from 'elysia'
import { ChatError, isId, type Room, type RoomId, type UserId } from '../../core/index.ts'
import type { Contract, Server } from '../../server/index.ts'
import {
  callerOf,
  ErrorText,
  HistoryQuery,
  historyBefore,
  isoTime,
  pageOf,
  paging,
  parseId,
  RoomFrame,
  roomFrame,
} from '../shared/index.ts'
import { errorOf, errors } from './errors.ts'
import {
  CreatedRoom,
  Invite,
  InvitedRoom,
  JoinedRoom,
  JoinRoom,
  ListedRoom,
  Messages,
  NewRoom,
  RoomPath,
} from './schemas.ts'

const MEMBERS = 1000

export function chatService(server: Server): Contract {
  return {
    name: 'chat-service',
    prefixes: ['/chat/'],
    routes: routes(server),
    docs: {
      about: 'Rooms by invitation.',
      schemas: {
        ChatNewRoom: NewRoom,
        ChatCreatedRoom: CreatedRoom,
        ChatJoin: JoinRoom,
        ChatJoinedRoom: JoinedRoom,
        ChatInvite: Invite,
        ChatInvitedRoom: InvitedRoom,
        ChatRoom: ListedRoom,
        ChatMessages: Messages,
        ErrorText,
        RoomFrame,
      },
    },
    error: errorOf,
  }
}

function routes(server: Server) {
  const { chat } = server

  return new Elysia({ name: 'chat-service', prefix: '/chat', detail: { tags: ['Chat service'] } })
    .post(
      '/create-room',
      async ({ body, request, set }) => {
        const creator = await callerOf(server, request)
        const name = body.name ?? ''
        if (name.trim() === '') throw new ChatError('invalid', 'Room name is required', { field: 'name' })
        const kind = body.type ?? 'private'
        if (kind !== 'private' && kind !== 'game') {
          throw new ChatError('invalid', "Room type must be 'private' or 'game'", { field: 'type' })
        }
        const invited = checkedIds(body.invited_users ?? [])
        const room = await chat.rooms.create({ name, kind, invited }, creator)
        set.status = 201
        return {
          ...roomBody(room),
          creator: creator.username,
          invited_users: await chat.accounts.usernames(invited, creator.id),
        }
      },
      {
        body: NewRoom,
        response: { 201: CreatedRoom, ...errors.create },
        detail: { operationId: 'chatCreateRoom', summary: 'Create a room and invite users to it' },
      },
    )
    .post(
      '/join-room',
      async ({ body, request }) => {
        const user = await callerOf(server, request)
        const { room } = await chat.membership.join({ id: knownId(body.room_id) }, user)
        const members = await chat.rooms.members({ id: room.id }, user.id, { after: 0, limit: MEMBERS })
        return { ...roomBody(room), members: members.map((member) => member.user.username) }
      },
      {
        body: JoinRoom,
        response: { 200: JoinedRoom, ...errors.change },
        detail: {
          operationId: 'chatJoinRoom',
          summary: 'Join a room; the response lists its first 1,000 members',
        },
      },
    )
    .get(
      '/rooms',
      async ({ request, query }) => {
        const user = await callerOf(server, request)
        return (await chat.rooms.listOwn(user.id, pageOf(query, 1000))).map((room) => ({
          ...roomBody(room),
          creator: room.creator?.username ?? null,
          members_count: room.memberCount,
          created_at: isoTime(room.createdAt),
        }))
      },
      {
        query: paging(1000),
        response: { 200: t.Array(ListedRoom), ...errors.list },
        detail: {
          operationId: 'chatListRooms',
          summary: 'List the rooms that the caller created or was invited to, by id',
        },
      },
    )
    .delete(
      '/rooms/:id',
      async ({ params, request, set }) => {
        const user = await callerOf(server, request)
        await chat.rooms.remove({ id: pathId(params.id) }, user)
        set.status = 204
      },
      {
        params: RoomPath,
        response: { 204: t.Void({ description: 'Deleted' }), ...errors.change },
        detail: {
          operationId: 'chatDeleteRoom',
          summary: 'Delete a room (only its creator may); its sockets are closed',
        },
      },
    )
    .post(
      '/rooms/:id/invite',
      async ({ params, body, request }) => {
        const user = await callerOf(server, request)
        const ref = { id: pathId(params.id) }
        const invited = await chat.membership.invite(ref, user, checkedIds(body.users))
        const { room } = await chat.rooms.visible(ref, user.id)
        return { ...roomBody(room), invited_users: invited.map((someone) => someone.username) }
      },
      {
        params: RoomPath,
        body: Invite,
        response: { 200: InvitedRoom, ...errors.change },
        detail: { operationId: 'chatInvite', summary: 'Invite users to a room' },
      },
    )
    .get(
      '/rooms/:id/messages',
      async ({ params, query, request }) => {
        const user = await callerOf(server, request)
        const ref = { id: pathId(params.id) }
        const { room } = await chat.rooms.visible(ref, user.id)
        const page = await historyBefore(chat, ref, user, query)
        return { messages: page.messages.map((message) => roomFrame(message, room.name ?? '')) }
      },
      {
        params: RoomPath,
        query: HistoryQuery,
        response: { 200: Messages, ...errors.read },
        detail: {
          operationId: 'chatListMessages',
          summary: 'List the latest messages of a room, oldest first',
        },
      },
    )
}

function roomBody(room: Room) {
  return { id: room.id, name: room.name ?? '', type: room.kind }
}

function knownId(value: number): RoomId {
  if (!isId(value)) throw new ChatError('not_found', 'Room not found')
  return value
}

function pathId(text: string): RoomId {
  const id = parseId(text)
  if (id === null) throw new ChatError('not_found', 'Room not found')
  return id
}

function checkedIds(values: readonly number[]): UserId[] {
  return values.map((value) => {
    if (!isId(value)) throw new ChatError('invalid', 'One or more users do not exist')
    return value
  })
}
