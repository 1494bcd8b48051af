import type { LinkedAttachment, LinkedAttachments, UploadPlace } from '../wire.ts'
import type { Http, UploadOptions } from './http.ts'

/** Files of rooms: upload one, then name its id in `attachments` of a message. */
export function attachmentCalls({ call, upload }: Http) {
  const path = (room: number) => `/rooms/${room}/attachments`
  return {
    attachments: {
      /** @param options `name` stands for a file that has none, as a Blob */
      upload: (room: number, file: Blob, options: UploadOptions = {}) =>
        upload<LinkedAttachment>(path(room), file, options),
      /** An attachment with URLs, which are valid until `expires_at`. */
      get: (room: number, id: number) => call<LinkedAttachment>('GET', `${path(room)}/${id}`),
      /** Those of up to 100 ids, without those that are not there. */
      list: (room: number, ids: readonly number[]) =>
        call<LinkedAttachments>('GET', path(room), { query: { ids: ids.join() } }),
      /** Where to `PUT` a file of so many bytes past the server, if it keeps files in S3; then call `complete`. */
      place: (room: number, name: string, size: number) =>
        call<UploadPlace>('POST', `/rooms/${room}/uploads`, { body: { name, size } }),
      /** @param upload as `place` told it */
      complete: (room: number, upload: string) =>
        call<LinkedAttachment>('POST', `/rooms/${room}/uploads/complete`, { body: { upload } }),
    },
  }
}
