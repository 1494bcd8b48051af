/*
 * What several contracts need, and none of them owns. Imports core and server; never a contract.
 */

export { detailError } from './error-docs.ts'
export { parseId, wireId } from './ids.ts'
export { CLOSE_NOT_ALLOWED, CLOSE_TRY_AGAIN, LiveRoom } from './live-room.ts'
export { isoTime } from './time.ts'
