import { t } from 'elysia'
import { START } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { errors } from '../errors.ts'
import { privateBody } from '../private-bodies.ts'
import * as wire from '../wire/index.ts'
import { cursorOf } from './cursor.ts'
import { group } from './group.ts'
import { pageLimit, pageQuery, placeIn, seqParameter } from './queries.ts'

/** What the caller keeps privately, of all types. */
export function privateRoutes(server: Server) {
  const { chat } = server

  return group('private').get(
    '/me/private',
    async ({ query, request }) => {
      const { id } = await callerOf(server, request)
      const limit = pageLimit(query)
      const { epoch } = query
      const place = placeIn(query, 'private') ?? START
      const isHeld = epoch === undefined || (await chat.history.continues(epoch))
      const { entries, upTo, head, reset } = await chat.privateState.changes(
        id,
        isHeld ? place : START,
        limit,
      )
      return {
        items: entries.map(privateBody),
        head: upTo,
        next: upTo < head ? cursorOf('private', upTo) : null,
        ...(reset || !isHeld ? { reset: true as const } : {}),
      }
    },
    {
      query: t.Object({
        after: seqParameter("What changed after this number of the caller's own; 0 by default"),
        epoch: t.Optional({
          ...wire.Epoch,
          description: 'The mark of the history that was told with that number',
        }),
        ...pageQuery,
      }),
      response: { 200: wire.PrivatePage, ...errors.list },
      detail: {
        operationId: 'listPrivate',
        summary:
          'What the caller keeps privately, on all devices: drafts for example. The latest state of each entry that has changed after a number. Everything up to `head` is contained',
      },
    },
  )
}
