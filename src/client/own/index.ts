/*
 * What the user keeps privately: followed by number, and written.
 */
export type { OwnDraft } from './drafts.ts'
export { createOwnState, type OwnSnapshot, type OwnState } from './own-state.ts'
