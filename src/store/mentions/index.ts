/*
 * Whom messages mention, and which messages mention a user.
 */
export { createMentionFinder } from './mention-finder.ts'
