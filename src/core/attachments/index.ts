/*
 * Files that members upload to rooms: taken in, looked into, sent with messages, linked to, and removed when nobody can see them.
 */
export {
  type Attachments,
  type AttachmentsDeps,
  type AttachmentsOptions,
  createAttachments,
  type LinkedAttachment,
} from './attachments.ts'
export { MOST_URLS } from './bounds.ts'
export type { FileLink, SealedLink } from './file-links.ts'
export { fileNameOf } from './file-name.ts'
export type { UploadPlace } from './own-uploads.ts'
