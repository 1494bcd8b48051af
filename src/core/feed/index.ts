/*
 * Delivers a room's events on this node once and in the order of their numbers, and reads gaps from the database. Also the cut-over
 * from a page of history to the stream.
 */
export { asNow } from './as-now.ts'
export { batchedChanges, type CatchingUp, cutOver, sharedChanges } from './cut-over.ts'
export { Feed, type FeedDeps } from './feed.ts'
export { FeedRoom } from './feed-room.ts'
export type { FollowedRoom } from './followed-room.ts'
export type { Recent } from './tail.ts'
