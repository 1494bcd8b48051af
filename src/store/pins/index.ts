/*
 * Pinned messages.
 */
export { createPinLog } from './pin-log.ts'
