/*
 * What is said in a room: sending in batches, editing, deleting, reading.
 */
export type { SendReply } from './batches.ts'
export { Committer } from './committer.ts'
export type { CommitterOptions } from './committer-options.ts'
export { createMessages, type MessagesOptions } from './messages.ts'
export { watchWrites } from './write-health.ts'
