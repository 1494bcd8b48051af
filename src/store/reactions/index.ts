/*
 * Reactions: written in batches, listed, and shown with messages.
 */
export { createReactionLog } from './reaction-log.ts'
