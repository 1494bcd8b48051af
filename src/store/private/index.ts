/*
 * What users keep for themselves: the numbered log of all of it, and the types that have writes of their own.
 */
export { createDrafts } from './drafts.ts'
export { createNotifications } from './notifications.ts'
export { createPrivateLog } from './private-log.ts'
export { createSavedMessages } from './saved.ts'
