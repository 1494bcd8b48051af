import { httpUrl, mediaTypes, objectPrefix, path, word } from './formats.ts'
import { section } from './section.ts'
import { integer, list, optionalText, secretText, text } from './variable.ts'

const GIB = 1_073_741_824

const s3 = section('Attachments in S3', {
  bucket: optionalText(
    'ATTACHMENTS_S3_BUCKET',
    word,
    'Bucket for attachments, of S3 or a server that speaks as it does; unset keeps them in ATTACHMENTS_DIR.',
  ),
  endpoint: optionalText(
    'ATTACHMENTS_S3_ENDPOINT',
    httpUrl,
    'Server of the bucket, which clients must reach, too; unset means Amazon S3.',
  ),
  region: optionalText('ATTACHMENTS_S3_REGION', word, 'Region of the bucket.'),
  accessKeyId: optionalText('ATTACHMENTS_S3_ACCESS_KEY_ID', word, 'Access key for the bucket.'),
  secretAccessKey: secretText('ATTACHMENTS_S3_SECRET_ACCESS_KEY', word, 'Secret of the access key.'),
  prefix: text(
    'ATTACHMENTS_S3_PREFIX',
    objectPrefix,
    { default: 'parley/' },
    'What the names of all objects begin with. Installations that share a bucket need different ones: each removes what it does not know.',
  ),
})

export const attachments = section('Attachments', {
  dir: optionalText(
    'ATTACHMENTS_DIR',
    path,
    'Folder for attachments; unset means `attachments` in DATA_DIR. Several nodes need a folder that all of them share, or a bucket.',
  ),
  maxBytes: integer(
    'MAX_ATTACHMENT_SIZE',
    { default: 26_214_400, min: 1, max: 5 * GIB, unit: 'bytes' },
    'Maximum size of an attachment. A reverse proxy must allow as much.',
  ),
  types: list(
    'ATTACHMENT_TYPES',
    mediaTypes,
    'Media types of attachments that are accepted, judged by their content; unset accepts all.',
  ),
  maxPixels: integer(
    'MAX_IMAGE_PIXELS',
    { default: 50_000_000, min: 1, max: 250_000_000, unit: 'pixels' },
    'Maximum width × height of an image. Making a thumbnail takes up to eight bytes of memory for each pixel.',
  ),
  quotaBytes: integer(
    'ATTACHMENT_QUOTA',
    { default: GIB, min: 1, max: 1_000_000 * GIB, unit: 'bytes' },
    'Size of all attachments that one user has. Deleting a message frees what its attachments take.',
  ),
  bytesPerHour: integer(
    'RATE_ATTACHMENT_BYTES_PER_HOUR',
    { default: GIB / 2, min: 1, max: 1_000_000 * GIB, unit: 'bytes per hour' },
    'Size of all attachments that one user may upload.',
  ),
  filesPerHour: integer(
    'RATE_ATTACHMENTS_PER_HOUR',
    { default: 300, min: 1, max: 1_000_000, unit: 'attachments per hour' },
    'Attachments that one user may upload.',
  ),
  linkSeconds: integer(
    'ATTACHMENT_URL_SECONDS',
    { default: 300, min: 10, max: 86_400, unit: 'seconds' },
    'How long the URL of an attachment is valid at least, and at most twice as long. Whoever has the URL can read the attachment until then.',
  ),
  s3,
})
