import type { Revision } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { detailsBody } from '../details-bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, roomAt } from './paths.ts'
import { PageQuery, pageById } from './queries.ts'

/** What messages said before they were edited. */
export function revisionRoutes(server: Server) {
  const { chat } = server
  return group('messages').get(
    '/rooms/:room/messages/:seq/revisions',
    async ({ params, query, request }) => {
      const caller = await callerOf(server, request)
      const [ref, { seq }] = [roomAt(params), messageAt(params)]
      return pageById(
        'revisions',
        query,
        (page) => chat.messages.revisions(ref, caller, seq, page),
        ({ version }) => version,
        (found) => found.map(revisionBody),
      )
    },
    {
      params: MessagePath,
      query: PageQuery,
      response: { 200: wire.RevisionPage, ...errors.listRoom },
      detail: {
        operationId: 'listRevisions',
        summary:
          'List what a message said before it was edited, oldest first: for its sender, and the owner and admins of the room',
      },
    },
  )
}

function revisionBody({ version, body, details, at, replacedAt }: Revision): wire.Revision {
  const shown = details === null ? {} : detailsBody(details)
  return { version, body, ...shown, at: isoTime(at), replaced_at: isoTime(replacedAt) }
}
