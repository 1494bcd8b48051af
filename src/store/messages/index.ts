/*
 * Messages: the batch append, revisions, history, changes.
 */
export { createChangePages } from './change-pages.ts'
export {
  createHistory,
  isShown,
  messageColumns,
  reactionsOf,
  type Seen,
  senderJoin,
  threadOf,
} from './history.ts'
export { createMessageWriter } from './message-log.ts'
export { pageIn, windowOf } from './page-window.ts'
export { parsePin, pinOf, toPins } from './pins.ts'
export { type ShownReactions, toReactions, toSeenReactions } from './reactions.ts'
export { createRevisions } from './revisions.ts'
export {
  checkedId,
  type MessageRow,
  textOf,
  toJsonText,
  toMessage,
  toRole,
  toSeq,
  toUserRef,
} from './rows.ts'
export { parseThread, toThreads } from './threads.ts'
