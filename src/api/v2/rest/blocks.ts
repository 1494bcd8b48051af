import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { UserPath, userAt } from './paths.ts'
import { PageQuery, pageById } from './queries.ts'

/** Whom the caller blocks. */
export function blockRoutes(server: Server) {
  const { chat } = server

  return group('blocks')
    .get(
      '/me/blocks',
      async ({ query, request }) => {
        const caller = await callerOf(server, request)
        return pageById(
          'blocks',
          query,
          (page) => chat.blocks.list(caller, page),
          ({ user }) => user.id,
          (found) => found.map(({ user, at }) => ({ user: userRef(user), at: isoTime(at) })),
        )
      },
      {
        query: PageQuery,
        response: { 200: wire.BlockPage, ...errors.list },
        detail: { operationId: 'listBlocks', summary: 'List whom the caller blocks, by id' },
      },
    )
    .put(
      '/me/blocks/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.blocks.block(caller, userAt(params, caller))
        set.status = 204
      },
      {
        params: UserPath,
        response: { 204: t.Void({ description: 'Blocked' }), ...errors.changeRoom },
        detail: {
          operationId: 'blockUser',
          summary:
            'Block a user: neither of the two opens a direct chat with the other or posts in the one that they have, and the other one does not invite the caller',
        },
      },
    )
    .delete(
      '/me/blocks/:user',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        await chat.blocks.unblock(caller, userAt(params, caller))
        set.status = 204
      },
      {
        params: UserPath,
        response: { 204: t.Void({ description: 'Not blocked any more' }), ...errors.changeOne },
        detail: { operationId: 'unblockUser', summary: 'End the block of a user' },
      },
    )
}
