/*
 * Moderation: bans, mutes, rules, reports, the audit log, and whom users block.
 */
export { createBlockRegister } from './block-register.ts'
export { createModerationRegister } from './moderation-register.ts'
