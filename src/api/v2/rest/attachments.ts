import { t } from 'elysia'
import { ChatError, type LinkedAttachment, MOST_URLS } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime, parseId } from '../../shared/index.ts'
import { fileUrl, linkedBody } from '../attachment-bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { AttachmentPath, attachmentAt, RoomPath, roomAt } from './paths.ts'

/** The route that receives files, as it is registered. */
export const UPLOADS = '/api/v2/rooms/:room/attachments'

/** Wider than its own type, which says more than documents take. */
const form: { readonly type: 'object' } = wire.UploadForm

/** Files of rooms: uploading them, and URLs to read them. */
export function attachmentRoutes(server: Server) {
  const { chat } = server

  function baseOf(request: Request): string {
    const { origin, prefix } = server.clientSide(request)
    return `${origin}${prefix}`
  }

  async function one(params: { readonly room: string; readonly attachment: string }, request: Request) {
    const { id: user } = await callerOf(server, request)
    const [found] = await chat.attachments.linked(roomAt(params).id, user, [attachmentAt(params)])
    if (found === undefined) throw new ChatError('not_found', 'Attachment not found')
    return found
  }

  const shown = (linked: LinkedAttachment, request: Request) => linkedBody(linked, baseOf(request))

  return group('attachments')
    .post(
      '/rooms/:room/attachments',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        const linked = await chat.attachments.upload(
          roomAt(params).id,
          caller.id,
          declaredLength(request),
          (mostBytes) => server.receive(request, mostBytes),
        )
        set.status = 201
        return shown(linked, request)
      },
      {
        params: RoomPath,
        response: { 201: wire.LinkedAttachment, ...errors.upload },
        detail: {
          operationId: 'uploadAttachment',
          summary:
            'Upload a file to a room that the caller may send to. It is removed after an hour if no message is sent with it',
          requestBody: {
            required: true,
            content: { 'multipart/form-data': { schema: form } },
          },
        },
      },
    )
    .get(
      '/rooms/:room/attachments',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const linked = await chat.attachments.linked(roomAt(params).id, caller.id, idsOf(query.ids))
        return { items: linked.map((each) => shown(each, request)) }
      },
      {
        params: RoomPath,
        query: t.Object({
          ids: t.String({
            description: `Ids of attachments, with commas between them; at most ${MOST_URLS}`,
            examples: ['7,8'],
            'x-shown': { pattern: '^[1-9][0-9]*(,[1-9][0-9]*)*$' },
          }),
        }),
        response: { 200: wire.LinkedAttachments, ...errors.listRoom },
        detail: {
          operationId: 'listAttachments',
          summary: 'Get attachments of a room by their ids, with URLs',
        },
      },
    )
    .get(
      '/rooms/:room/attachments/:attachment',
      async ({ params, request }) => shown(await one(params, request), request),
      {
        params: AttachmentPath,
        response: { 200: wire.LinkedAttachment, ...errors.readRoom },
        detail: { operationId: 'getAttachment', summary: 'Get an attachment of a room, with URLs' },
      },
    )
    .get(
      '/rooms/:room/attachments/:attachment/file',
      async ({ params, request, set }) => {
        const { original } = await one(params, request)
        set.headers.location = fileUrl(original, baseOf(request))
        set.status = 302
      },
      {
        params: AttachmentPath,
        response: {
          302: t.Void({ description: 'The file is at the URL in `Location`' }),
          ...errors.readRoom,
        },
        detail: {
          operationId: 'openAttachment',
          summary: 'Go to the file of an attachment, by an address that stays',
        },
      },
    )
    .post(
      '/rooms/:room/uploads',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const { upload, url, expires } = await chat.attachments.place(roomAt(params).id, caller.id, body)
        set.status = 201
        return { upload, url, expires_at: isoTime(expires) }
      },
      {
        params: RoomPath,
        body: wire.NewUpload,
        response: { 201: wire.UploadPlace, ...errors.changeRoom },
        detail: {
          operationId: 'startUpload',
          summary:
            'Get a URL to upload a file to by oneself, past this server; `conflict` if it keeps files by itself',
        },
      },
    )
    .post(
      '/rooms/:room/uploads/complete',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const { id } = roomAt(params)
        const placed = await chat.attachments.placed(id, caller.id, body.upload)
        const linked = await chat.attachments.upload(id, caller.id, placed.size, placed.receive)
        await placed.done()
        set.status = 201
        return shown(linked, request)
      },
      {
        params: RoomPath,
        body: wire.CompleteUpload,
        response: { 201: wire.LinkedAttachment, ...errors.changeRoom },
        detail: {
          operationId: 'completeUpload',
          summary: 'Make an attachment of what was uploaded by oneself',
        },
      },
    )
}

/** The length of the whole form, of which the file is a part; null if the client does not say. */
function declaredLength({ headers }: Request): number | null {
  const length = Number(headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) ? Math.max(0, length - ENVELOPE) : null
}

/** Bytes that a form may have besides its file. */
const ENVELOPE = 65_536

function idsOf(text: string) {
  const ids = text.split(',').map((part) => {
    const id = parseId(part)
    if (id === null)
      throw new ChatError('invalid', 'ids: must be ids with commas between them', { field: 'ids' })
    return id
  })
  return [...new Set(ids)]
}
