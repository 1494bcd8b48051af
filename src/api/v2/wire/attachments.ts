import { type Static, Type } from '@sinclair/typebox'
import { Id, orNull, Time } from './common.ts'

const side = orNull(
  Type.Integer({
    minimum: 1,
    description: 'In pixels, as shown; null if it is not an image',
    examples: [1600],
  }),
)

export const Attachment = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'A name without a path', examples: ['plan.png'] }),
    type: Type.String({
      description: 'The media type, by the content; `application/octet-stream` if it is none that is known',
      examples: ['image/png'],
    }),
    size: Type.Integer({ minimum: 1, description: 'In bytes', examples: [48_213] }),
    width: side,
    height: side,
    placeholder: orNull(
      Type.String({
        description: 'A tiny picture to show until the image is loaded, as a `data:` URL',
        examples: ['data:image/webp;base64,UklGRiQAAABXRUJQ'],
      }),
    ),
  },
  { description: 'A file in a room. It never changes' },
)
export type Attachment = Static<typeof Attachment>

const url = (what: string, example: string) =>
  Type.String({ description: what, examples: [`https://chat.example.com/api/v2/files/7/${example}?…`] })

export const LinkedAttachment = Type.Object(
  {
    ...Attachment.properties,
    url: url('Where the file is. Needs no credential', 'original'),
    thumbnail_url: orNull(
      url('Where a small picture of it is, of at most 512 pixels a side, as WebP', 'thumbnail'),
    ),
    expires_at: Time,
  },
  {
    description:
      'An attachment with URLs, which are valid until `expires_at` for whoever has them. Ask for new ones when they have expired',
  },
)
export type LinkedAttachment = Static<typeof LinkedAttachment>

export const LinkedAttachments = Type.Object(
  { items: Type.Array(LinkedAttachment, { description: 'By id, without those that are not there' }) },
  { description: 'Attachments with URLs' },
)
export type LinkedAttachments = Static<typeof LinkedAttachments>

export const UploadForm = Type.Object(
  { file: Type.String({ format: 'binary', description: 'The file, with its name', examples: ['(bytes)'] }) },
  { description: 'A form with a file' },
)

export const NewUpload = Type.Object(
  {
    name: Type.String({ maxLength: 1024, description: 'The name of the file', examples: ['plan.png'] }),
    size: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'In bytes',
      examples: [48_213],
    }),
  },
  { description: 'A file that the client will upload by itself' },
)
export type NewUpload = Static<typeof NewUpload>

export const UploadPlace = Type.Object(
  {
    upload: Type.String({ description: 'Names the upload when it is complete', examples: ['upload%0A…'] }),
    url: Type.String({
      description: 'Where to `PUT` the file',
      examples: ['https://s3.example.com/bucket/parley/incoming/…'],
    }),
    expires_at: Time,
  },
  { description: 'Where the client uploads the file to' },
)
export type UploadPlace = Static<typeof UploadPlace>

export const CompleteUpload = Type.Object(
  {
    upload: Type.String({
      maxLength: 8192,
      description: 'As it was told with the URL',
      examples: ['upload%0A…'],
    }),
  },
  { description: 'An upload that is complete' },
)
export type CompleteUpload = Static<typeof CompleteUpload>
