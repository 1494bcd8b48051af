/*
 * The state of a room's view, and how it changes: `reduce(state, action)` is pure, so that tests can try every order of frames without a
 * connection. It alone decides what is applied, what is dropped and what shows a gap.
 */
export { eventsBetween } from './events.ts'
export { withReacting } from './reacting.ts'
export { type Action, reduce } from './reduce.ts'
export { type RoomSnapshot, type RoomStatus, snapshotOf } from './snapshot.ts'
export {
  type Ended,
  emptyView,
  isOpen,
  type LinkPhase,
  type Pending,
  type Reacting,
  type SendStatus,
  type ViewState,
} from './state.ts'
export { type ThreadState, threadOf, unreadIn, withOwn, withThreadEvents } from './thread.ts'
export { isUnreadExact, UNREAD_LIMIT, unreadOf } from './unread.ts'
export { type OlderPage, withOlder } from './window.ts'
