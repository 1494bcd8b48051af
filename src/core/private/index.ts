/*
 * What users keep for themselves: the numbered log that their devices follow, and the use cases of its types.
 */
export { createDrafts, type DraftEdit } from './drafts.ts'
export { createNotifications } from './notifications.ts'
export { createPrivateState, type OwnEntries, type PrivateState } from './private.ts'
export {
  type DraftText,
  type NotificationLevel,
  type NotificationSettings,
  type PerPrivateType,
  type PrivateEntry,
  type PrivateEntryOf,
  type PrivateType,
  type PrivateValues,
  perPrivateType,
} from './private-entry.ts'
export { createSaved, type SavedPage } from './saved.ts'
