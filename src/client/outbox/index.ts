/*
 * Messages that are being sent. They are kept until the server has them, in a storage that may outlast the program, and sent again
 * with the same key after every lost connection, so that each arrives once and in the order of its room.
 */
export type { SendHandle } from './handle.ts'
export { createOutbox, type Outbox } from './outbox.ts'
export { memoryStorage, type OutboxEntry, type OutboxStorage } from './storage.ts'
export { type WebStorage, webStorage } from './web-storage.ts'
