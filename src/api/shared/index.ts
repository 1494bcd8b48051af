/*
 * What several contracts need, and none of them owns. Imports core and server; never a contract.
 */

export { callerOf, identityOf, notSignedIn, speakerOf, ticketOf, tokenIdOf } from './callers.ts'
export { commonErrors, detailError, errorError } from './error-docs.ts'
export { HistoryQuery, historyBefore } from './history-query.ts'
export { integer, parseId, pathText, wireId } from './ids.ts'
export { limitOf, limitParameter, pageOf, paging } from './paging.ts'
export { parseJson } from './parse-json.ts'
export { postText } from './post-text.ts'
export { RoomFrame, roomFrame } from './room-frame.ts'
export { isoTime } from './time.ts'
