/*
 * A room as the application sees it, and what drives it: subscribing again whenever something may have been missed, marks,
 * typing, older pages. `view/` decides what frames mean.
 */
export type { OlderMessages } from './older.ts'
export { createRoom, type Room, type RoomNeeds } from './room.ts'
export type { ThreadSnapshot, ThreadView } from './thread-view-type.ts'
export type { RoomView } from './view-type.ts'
