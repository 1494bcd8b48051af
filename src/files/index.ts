/*
 * The bytes of attachments: stored in a folder or in S3, looked into by a program of its own, and linked to under seals.
 *
 * Imports core, whose ports it implements, the types of config, and `file-type` in the program that looks into files.
 */

export { openBucket } from './bucket.ts'
export { createExaminer } from './examine/index.ts'
export { openFolder } from './folder.ts'
export { createSigner, newKey } from './signer.ts'
export { openTemporary, type Temporary } from './temporary.ts'
