/*
 * A room as the application sees it, and what drives it: subscribing again whenever something may have been missed, marks,
 * typing, older pages. What the frames mean is decided in `view/`.
 */
export type { OlderMessages } from './older.ts'
export { createRoom, type Room, type RoomNeeds } from './room.ts'
export type { RoomView } from './view-type.ts'
