/*
 * What keeps a room in order: bans, mutes, rules, reports, the audit log; and whom users block.
 */
export { createBlocks } from './blocks.ts'
export { createModeration, MOST_SLOW_SECONDS, type Until } from './moderation.ts'
