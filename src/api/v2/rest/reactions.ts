import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { reactedBody, userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, ReactionPath, roomAt } from './paths.ts'
import { pageById, pageQuery } from './queries.ts'

/** Reactions to messages. */
export function reactionRoutes(server: Server) {
  const { chat } = server

  async function react(
    params: { readonly room: string; readonly seq: string; readonly reaction: string },
    request: Request,
    on: boolean,
  ): Promise<wire.Reacted> {
    const { id, username } = await callerOf(server, request)
    const [room, { seq }] = [roomAt(params).id, messageAt(params)]
    const reacted = await chat.reactions.react(room, { id, username }, seq, params.reaction, on)
    return reactedBody(room, seq, reacted)
  }

  return group('reactions')
    .get(
      '/rooms/:room/messages/:seq/reactions',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const [ref, { seq }] = [roomAt(params), messageAt(params)]
        return pageById(
          'reactions',
          query,
          (page) => chat.reactions.to(ref, caller, seq, query.reaction ?? null, page),
          ({ id }) => id,
          (found) =>
            found.map(({ user, reaction, at }) => ({ user: userRef(user), reaction, at: isoTime(at) })),
        )
      },
      {
        params: MessagePath,
        query: t.Object({
          reaction: t.Optional({ ...wire.ReactionName, description: 'Only those who react in this way' }),
          ...pageQuery,
        }),
        response: { 200: wire.ReactionPage, ...errors.listRoom },
        detail: {
          operationId: 'listReactions',
          summary: 'List who reacts to a message, in the order of time: in every way, or in one',
        },
      },
    )
    .put(
      '/rooms/:room/messages/:seq/reactions/:reaction',
      ({ params, request }) => react(params, request, true),
      {
        params: ReactionPath,
        response: { 200: wire.Reacted, ...errors.changeRoom },
        detail: {
          operationId: 'addReaction',
          summary:
            'React to a message in a room that the caller is in; does nothing if the caller does so already',
        },
      },
    )
    .delete(
      '/rooms/:room/messages/:seq/reactions/:reaction',
      ({ params, request }) => react(params, request, false),
      {
        params: ReactionPath,
        response: { 200: wire.Reacted, ...errors.changeRoom },
        detail: {
          operationId: 'removeReaction',
          summary: "Remove one of the caller's reactions to a message; does nothing if there is none",
        },
      },
    )
}
