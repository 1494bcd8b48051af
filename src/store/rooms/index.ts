/*
 * Rooms, members, invitations, marks, and the lists of them.
 */
export { createBatchedLookUps } from './batched-look-ups.ts'
export { createDirects } from './directs.ts'
export { createMarkWriter } from './marks.ts'
export { createMemberWriter } from './member-writer.ts'
export { createMembershipLog } from './membership-log.ts'
export { createRoomFinder } from './room-finder.ts'
export { createRoomLists } from './room-lists.ts'
export { createRoomReader } from './room-reader.ts'
export { createRoomSearches } from './room-searches.ts'
export { createRoomWriter } from './room-writer.ts'
export { createSmallRooms } from './small-rooms.ts'
export { createSnapshots } from './snapshots.ts'
