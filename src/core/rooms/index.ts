/*
 * Rooms and who is in them: making, listing, joining, inviting, roles, read marks.
 */
export { accessFactsIn, type RoomRef } from './access-facts.ts'
export { retryOnConflict } from './conflict-retry.ts'
export type { MarksTo } from './marks.ts'
export { tellMember } from './member-news.ts'
export { createMembership, type Membership } from './membership.ts'
export type { OwnChanges } from './membership-changes.ts'
export type { RoomsOptions } from './options.ts'
export { MOST_OWN_ROOMS } from './room-views.ts'
export { createRooms, type Rooms, type RoomWanted } from './rooms.ts'
