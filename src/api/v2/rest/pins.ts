import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody, pinBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, RoomPath, roomAt } from './paths.ts'
import { latestFirst, PageQuery } from './queries.ts'

/** Pinned messages. */
export function pinRoutes(server: Server) {
  const { chat } = server

  async function pin(
    params: { readonly room: string; readonly seq: string },
    request: Request,
    on: boolean,
  ): Promise<wire.Pinned> {
    const { id, username } = await callerOf(server, request)
    const [ref, { seq }] = [roomAt(params), messageAt(params)]
    const shownAt = await chat.pins.pin(ref, { id, username }, seq, on)
    return { room: ref.id, seq, on, shown_at: shownAt }
  }

  return group('pins')
    .get(
      '/rooms/:room/pins',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        return latestFirst(
          'pins',
          query,
          (before, limit) => chat.pins.list(ref, caller, before, limit),
          ({ pinnedSeq }) => pinnedSeq,
          (found) => found.map((each) => ({ ...messageBody(each.message), pinned: pinBody(each.pin) })),
        )
      },
      {
        params: RoomPath,
        query: PageQuery,
        response: { 200: wire.PinnedPage, ...errors.listRoom },
        detail: {
          operationId: 'listPins',
          summary: 'List the pinned messages of a room, the latest pinned first, with who has pinned them',
        },
      },
    )
    .put('/rooms/:room/messages/:seq/pin', ({ params, request }) => pin(params, request, true), {
      params: MessagePath,
      response: { 200: wire.Pinned, ...errors.changeRoom },
      detail: {
        operationId: 'pinMessage',
        summary:
          'Pin a message; does nothing if it is pinned already. For the staff, and for both users of a direct chat',
      },
    })
    .delete('/rooms/:room/messages/:seq/pin', ({ params, request }) => pin(params, request, false), {
      params: MessagePath,
      response: { 200: wire.Pinned, ...errors.changeRoom },
      detail: {
        operationId: 'unpinMessage',
        summary: 'Unpin a message; does nothing if it is not pinned. For the same users',
      },
    })
}
