import { t } from 'elysia'
import type { Restrained, RestraintKind } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { timeOrNull, userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import { untilIn } from '../until.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MemberPath, RoomPath, roomAt, userAt } from './paths.ts'
import { type PageAsked, PageQuery, pageById } from './queries.ts'

/** Bans and mutes. */
export function moderationRoutes(server: Server) {
  const { chat } = server

  async function list(
    kind: RestraintKind,
    params: { readonly room: string },
    query: PageAsked,
    request: Request,
  ) {
    const caller = await callerOf(server, request)
    const ref = roomAt(params)
    return pageById(
      kind,
      query,
      (page) => chat.moderation.restrained(kind, ref, caller, page),
      ({ user }) => user.id,
      (found) => found.map(restrainedBody),
    )
  }

  return group('moderation')
    .get('/rooms/:room/bans', ({ params, query, request }) => list('bans', params, query, request), {
      params: RoomPath,
      query: PageQuery,
      response: { 200: wire.RestrainedPage, ...errors.listRoom },
      detail: {
        operationId: 'listBans',
        summary: 'List who is banned from a room, by user id; for its staff',
      },
    })
    .put(
      '/rooms/:room/bans/:user',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.moderation.ban(roomAt(params), caller, userAt(params, caller), untilIn(body))
        set.status = 204
      },
      {
        params: MemberPath,
        body: wire.RestraintPut,
        response: { 204: t.Void({ description: 'Banned' }), ...errors.changeRoom },
        detail: {
          operationId: 'banUser',
          summary:
            'Ban a user from a room, also one who is no member: ends a membership or an invitation, and keeps the user out. Replaces a ban that is there. For the staff, of those below them',
        },
      },
    )
    .delete(
      '/rooms/:room/bans/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.moderation.unban(roomAt(params), caller, userAt(params, caller))
        set.status = 204
      },
      {
        params: MemberPath,
        response: { 204: t.Void({ description: 'Not banned any more' }), ...errors.changeRoom },
        detail: { operationId: 'unbanUser', summary: 'Lift a ban; the user may come back as anyone else' },
      },
    )
    .get('/rooms/:room/mutes', ({ params, query, request }) => list('mutes', params, query, request), {
      params: RoomPath,
      query: PageQuery,
      response: { 200: wire.RestrainedPage, ...errors.listRoom },
      detail: { operationId: 'listMutes', summary: 'List who is muted in a room, by user id; for its staff' },
    })
    .put(
      '/rooms/:room/mutes/:user',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.moderation.mute(roomAt(params), caller, userAt(params, caller), untilIn(body))
        set.status = 204
      },
      {
        params: MemberPath,
        body: wire.RestraintPut,
        response: { 204: t.Void({ description: 'Muted' }), ...errors.changeRoom },
        detail: {
          operationId: 'muteMember',
          summary:
            'Mute a member, who then neither sends, edits, reacts nor types. Replaces a mute that is there. For the staff, of those below them',
        },
      },
    )
    .delete(
      '/rooms/:room/mutes/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.moderation.unmute(roomAt(params), caller, userAt(params, caller))
        set.status = 204
      },
      {
        params: MemberPath,
        response: { 204: t.Void({ description: 'Not muted any more' }), ...errors.changeRoom },
        detail: { operationId: 'unmuteMember', summary: 'Lift a mute' },
      },
    )
}

function restrainedBody({ user, actor, reason, until, at }: Restrained): wire.Restrained {
  return { user: userRef(user), actor: userRef(actor), reason, until: timeOrNull(until), at: isoTime(at) }
}
