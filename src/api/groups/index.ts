/*
 * Groups under /api/chat/groups/, as Django REST Framework shows them. Live messages come over the room socket.
 *
 * Imports core, server and api/shared. `pages.ts` is the framework's pagination, `errors.ts` has its error texts.
 */
import { Elysia, t } from 'elysia'
import type { AccessFacts, Room, User } from '../../core/index.ts'
import type { Contract, Server } from '../../server/index.ts'
import { callerOf, DetailError, isoTime, pageOf, paging, RoomFrame, roomFrame } from '../shared/index.ts'
import { errorOf, errors, invalidPage, notMember } from './errors.ts'
import { linksOf, pageWanted } from './pages.ts'
import { GroupBody, ListedGroup, MemberBody, MessagesPage, PageQuery, RoomPath } from './schemas.ts'

const GROUPS = 1000
const MEMBERS = 10_000

export function groups(server: Server): Contract {
  return {
    name: 'groups',
    prefixes: ['/api/chat/'],
    routes: routes(server),
    docs: {
      about: 'Groups, as Django REST Framework shows them.',
      schemas: {
        Group: GroupBody,
        ListedGroup,
        GroupMember: MemberBody,
        GroupMessages: MessagesPage,
        DetailError,
        RoomFrame,
      },
    },
    error: errorOf,
  }
}

function routes(server: Server) {
  const { chat } = server

  async function membership(room: string, user: User): Promise<AccessFacts> {
    const access = await chat.rooms.accessFacts({ name: room }, user.id)
    if (access.role === null) throw notMember()
    return access
  }

  return new Elysia({ name: 'groups', prefix: '/api/chat/groups', detail: { tags: ['Groups'] } })
    .get(
      '/',
      async ({ request, query }) => {
        const user = await callerOf(server, request)
        return (await chat.rooms.listJoined(user.id, pageOf(query, GROUPS))).map(groupBody)
      },
      {
        query: paging(GROUPS),
        response: { 200: t.Array(GroupBody), ...errors.list },
        detail: { operationId: 'groupsList', summary: 'List the groups that the caller has joined, by id' },
      },
    )
    .get(
      '/all',
      async ({ request, query }) => {
        const user = await callerOf(server, request)
        const rooms = await chat.rooms.listEnterable(user.id, pageOf(query, GROUPS))
        return rooms.map(({ room, isMember }) => ({ ...groupBody(room), is_member: isMember }))
      },
      {
        query: paging(GROUPS),
        response: { 200: t.Array(ListedGroup), ...errors.list },
        detail: {
          operationId: 'groupsListAll',
          summary: 'List every public group, and the private ones that the caller may enter, by id',
        },
      },
    )
    .post(
      '/:room/join',
      async ({ params, request }) => {
        const user = await callerOf(server, request)
        const { room } = await chat.membership.join({ name: params.room }, user)
        return { ...groupBody(room), is_member: true }
      },
      {
        params: RoomPath,
        response: { 200: ListedGroup, ...errors.change },
        detail: { operationId: 'groupsJoin', summary: 'Join a group' },
      },
    )
    .post(
      '/:room/leave',
      async ({ params, request, set }) => {
        const user = await callerOf(server, request)
        await membership(params.room, user)
        await chat.membership.leave({ name: params.room }, user)
        set.status = 204
      },
      {
        params: RoomPath,
        response: { 204: t.Void({ description: 'Left' }), ...errors.change },
        detail: { operationId: 'groupsLeave', summary: 'Leave a group' },
      },
    )
    .get(
      '/:room/members',
      async ({ params, request }) => {
        const user = await callerOf(server, request)
        const { room } = await membership(params.room, user)
        const members = await chat.rooms.members({ id: room.id }, user.id, { after: 0, limit: MEMBERS })
        return members.map((member) => ({
          id: member.user.id,
          username: member.user.username,
          first_name: member.user.firstName,
          last_name: member.user.lastName,
        }))
      },
      {
        params: RoomPath,
        response: { 200: t.Array(MemberBody), ...errors.read },
        detail: {
          operationId: 'groupsListMembers',
          summary: 'List the members of a group, by id, at most 10,000',
        },
      },
    )
    .get(
      '/:room/messages',
      async ({ params, query, request }) => {
        const user = await callerOf(server, request)
        const { room } = await membership(params.room, user)
        const read = (offset: number, limit: number) =>
          chat.messages.numbered({ id: room.id }, user, offset, limit)
        const wanted = await pageWanted(query, async () => (await read(0, 1)).count)
        const { messages, count } = await read((wanted.page - 1) * wanted.size, wanted.size)
        if (messages.length === 0 && wanted.page > 1) throw invalidPage()
        return {
          count,
          ...linksOf(server.publicUrl(request), wanted, count),
          results: messages.map((message) => roomFrame(message, room.name ?? '')),
        }
      },
      {
        params: RoomPath,
        query: PageQuery,
        response: { 200: MessagesPage, ...errors.read },
        detail: {
          operationId: 'groupsListMessages',
          summary: 'List the messages of a group, newest first, in pages',
        },
      },
    )
}

function groupBody(room: Room) {
  return {
    id: room.id,
    name: room.name ?? '',
    description: room.description,
    room_avatar: room.avatar,
    created_at: isoTime(room.createdAt),
    updated_at: isoTime(room.updatedAt),
    members_count: room.memberCount,
  }
}
