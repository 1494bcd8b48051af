/*
 * Code that several contracts need. Imports core and server; never a contract.
 */

export { callerOf, identityOf, notSignedIn, speakerOf, ticketOf, tokenIdOf } from './callers.ts'
export { commonErrors, DetailError, detailError, ErrorText, errorError } from './error-docs.ts'
export { HistoryQuery, historyBefore } from './history-query.ts'
export { idRange, idText, integer, parseId, pathText, wireId } from './ids.ts'
export { afterParameter, limitOf, limitParameter, pageOf, paging } from './paging.ts'
export { parseJson } from './parse-json.ts'
export { plainText } from './plain-text.ts'
export { postText } from './post-text.ts'
export { RoomFrame, roomFrame } from './room-frame.ts'
export { kindShown, messageShown, passwordShown, roomNameShown, usernameShown } from './shown.ts'
export { isoTime, parseTime } from './time.ts'
