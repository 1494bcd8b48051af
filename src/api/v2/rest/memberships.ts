import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { errors } from '../errors.ts'
import { membershipBody } from '../membership-bodies.ts'
import * as wire from '../wire/index.ts'
import { cursorOf } from './cursor.ts'
import { group } from './group.ts'
import { pageLimit, pageQuery, placeIn, seqParameter } from './queries.ts'

/** What has happened to the caller's memberships. */
export function membershipRoutes(server: Server) {
  const { chat } = server

  return group('memberships').get(
    '/me/changes',
    async ({ query, request }) => {
      const { id } = await callerOf(server, request)
      const { epoch } = query
      const isHeld = epoch === undefined || (await chat.history.continues(epoch))
      const place = placeIn(query, 'memberships')
      const limit = pageLimit(query)
      const { changes, upTo, head, reset } = await chat.membership.changes(id, isHeld ? place : null, limit)
      return {
        items: changes.map(membershipBody),
        head: upTo,
        next: upTo < head ? cursorOf('memberships', upTo) : null,
        ...(reset ? { reset } : {}),
      }
    },
    {
      query: t.Object({
        after: seqParameter(
          "What happened after this number of the caller's own; without it, `head` alone comes",
        ),
        epoch: t.Optional({
          ...wire.Epoch,
          description: 'The mark of the history that was told with that number',
        }),
        ...pageQuery,
      }),
      response: { 200: wire.MembershipPage, ...errors.list },
      detail: {
        operationId: 'listOwnChanges',
        summary:
          "What has happened to the caller's memberships after a number, compacted: the latest change of each room. Everything up to `head` is contained",
      },
    },
  )
}
