/*
 * Messages: the batch append, revisions, history, changes.
 */
export { createHistory, isShown, messageColumns, reactionsOf, senderJoin } from './history.ts'
export { createMessageWriter } from './message-log.ts'
export { type ShownReactions, toReactions, toSeenReactions } from './reactions.ts'
export { checkedId, type MessageRow, PAGE_TEXT, textOf, toMessage, toRole, toSeq, toUserRef } from './rows.ts'
