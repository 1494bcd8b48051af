import { t } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { draftEdit } from '../draft-edits.ts'
import { errors } from '../errors.ts'
import { draftBody } from '../private-bodies.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { RoomPath, roomAt } from './paths.ts'
import { latestFirst, pageQuery, seqOf, seqParameter } from './queries.ts'

/** What the caller has begun to write. */
export function draftRoutes(server: Server) {
  const { chat } = server

  async function write(params: { readonly room: string }, request: Request, put: wire.DraftPut) {
    const { id } = await callerOf(server, request)
    const { written, draft } = await chat.drafts.set(roomAt(params).id, id, draftEdit(put))
    return { written, draft: draftBody(draft) }
  }

  return group('drafts')
    .get(
      '/me/drafts',
      async ({ query, request }) => {
        const { id } = await callerOf(server, request)
        return latestFirst(
          'drafts',
          query,
          (before, limit) => chat.drafts.list(id, before, limit),
          ({ seq }) => seq,
          (found) => found.map(draftBody),
        )
      },
      {
        query: t.Object(pageQuery),
        response: { 200: wire.DraftPage, ...errors.list },
        detail: { operationId: 'listDrafts', summary: "List the caller's drafts, the latest first" },
      },
    )
    .get(
      '/me/drafts/:room',
      async ({ params, request }) => {
        const { id } = await callerOf(server, request)
        return draftBody(await chat.drafts.get(roomAt(params).id, id))
      },
      {
        params: RoomPath,
        response: { 200: wire.Draft, ...errors.readRoom },
        detail: {
          operationId: 'getDraft',
          summary: "Get the caller's draft in a room; an empty one if there is none",
        },
      },
    )
    .put('/me/drafts/:room', ({ params, body, request }) => write(params, request, body), {
      params: RoomPath,
      body: wire.DraftPut,
      response: { 200: wire.Drafted, ...errors.changeOne },
      detail: {
        operationId: 'setDraft',
        summary:
          "Set the caller's draft in a room that they are in, on all devices; of two edits that know nothing of each other the later one stays",
      },
    })
    .delete(
      '/me/drafts/:room',
      ({ params, query, request }) => {
        const version = query.version === undefined ? {} : { version: seqOf('version', query.version) }
        return write(params, request, { text: '', ...version })
      },
      {
        params: RoomPath,
        query: t.Object({ version: seqParameter('The `private_seq` of the draft that is meant') }),
        response: { 200: wire.Drafted, ...errors.changeOne },
        detail: {
          operationId: 'removeDraft',
          summary: "Remove the caller's draft in a room; one that another device has written since stays",
        },
      },
    )
}
