import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { memberBody, userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import { idIn } from '../ids.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MemberPath, RoomPath, roomAt, userAt } from './paths.ts'
import { PageQuery, pageById } from './queries.ts'
import { showRoom } from './show.ts'

/** The members and invitations of a room. */
export function memberRoutes(server: Server) {
  const { chat } = server

  return group('members')
    .get(
      '/rooms/:room/members',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        return pageById(
          'members',
          query,
          (page) => chat.rooms.members(ref, caller.id, page),
          (member) => member.user.id,
          (members) => members.map(memberBody),
        )
      },
      {
        params: RoomPath,
        query: PageQuery,
        response: { 200: wire.MemberPage, ...errors.listRoom },
        detail: { operationId: 'listMembers', summary: 'List the members of a room, by id' },
      },
    )
    .get(
      '/rooms/:room/members/:user',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        return memberBody(await chat.rooms.member(roomAt(params), caller.id, userAt(params, caller)))
      },
      {
        params: MemberPath,
        response: { 200: wire.Member, ...errors.readRoom },
        detail: { operationId: 'getMember', summary: 'Get a member of a room' },
      },
    )
    .put(
      '/rooms/:room/members/me',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        await chat.membership.join(ref, caller)
        return showRoom(chat, await chat.rooms.view(ref, caller.id))
      },
      {
        params: RoomPath,
        response: { 200: wire.Room, ...errors.changeRoom },
        detail: { operationId: 'joinRoom', summary: 'Join a room; does nothing if the caller is a member' },
      },
    )
    .patch(
      '/rooms/:room/members/:user',
      async ({ params, body, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const target = userAt(params, caller)
        await chat.membership.setRole(ref, caller, target, body.role)
        return memberBody(await chat.rooms.member(ref, caller.id, target))
      },
      {
        params: MemberPath,
        body: wire.RolePatch,
        response: { 200: wire.Member, ...errors.changeRoom },
        detail: { operationId: 'setRole', summary: "Change a member's role; only the owner may" },
      },
    )
    .delete(
      '/rooms/:room/members/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const target = userAt(params, caller)
        if (target === caller.id) await chat.membership.leave(ref, caller)
        else await chat.membership.remove(ref, caller, target)
        set.status = 204
      },
      {
        params: MemberPath,
        response: { 204: t.Void({ description: 'Not a member any more' }), ...errors.changeRoom },
        detail: {
          operationId: 'removeMember',
          summary: 'Leave a room, or remove a member from it; an owner who leaves passes ownership on',
        },
      },
    )
    .get(
      '/rooms/:room/invitations',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        return pageById(
          'invitations',
          query,
          (page) => chat.rooms.invitations(ref, caller.id, page),
          ({ user }) => user.id,
          (invitations) =>
            invitations.map(({ user, invitedBy, at }) => ({
              user: userRef(user),
              invited_by: userRef(invitedBy),
              at: isoTime(at),
            })),
        )
      },
      {
        params: RoomPath,
        query: PageQuery,
        response: { 200: wire.InvitationPage, ...errors.listRoom },
        detail: {
          operationId: 'listInvitations',
          summary: 'List the invitations to a room, by user id; for members who may invite',
        },
      },
    )
    .post(
      '/rooms/:room/invitations',
      async ({ params, body, request }) => {
        const caller = await callerOf(server, request)
        const users = body.users.map((id) => idIn('users', id))
        const invited = await chat.membership.invite(roomAt(params), caller, users)
        return { items: invited.map(userRef) }
      },
      {
        params: RoomPath,
        body: wire.NewInvitations,
        response: { 200: wire.Invited, ...errors.changeRoom },
        detail: {
          operationId: 'inviteUsers',
          summary: 'Invite users; does nothing for members and users who are already invited',
        },
      },
    )
    .delete(
      '/rooms/:room/invitations/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.membership.uninvite(roomAt(params), caller, userAt(params, caller))
        set.status = 204
      },
      {
        params: MemberPath,
        response: { 204: t.Void({ description: 'Not invited any more' }), ...errors.changeRoom },
        detail: {
          operationId: 'withdrawInvitation',
          summary: 'Withdraw an invitation, or decline your own',
        },
      },
    )
}
