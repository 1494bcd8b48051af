/*
 * The rooms that the user is in, and those that the user is invited to, kept up to date by the changes of the memberships.
 */
export { createRoomList, type RoomList, type RoomListSnapshot } from './room-list.ts'
