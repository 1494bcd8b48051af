/*
 * The rows of attachments. Their bytes are elsewhere, in `src/files/`.
 */
export { createAttachmentRegister } from './attachment-register.ts'
