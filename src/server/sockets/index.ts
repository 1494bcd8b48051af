/*
 * WebSocket connections from the handshake to the close, their frames, and the broadcast of rooms' events to them.
 */
export { Broadcast, type Codec, framesOf, type Piece, piecesOf, type RoomLabel } from './broadcast.ts'
export { Connection, type SessionFactory } from './connection.ts'
export { Connections } from './connections.ts'
export { type Backfill, LiveRoom, type LiveRoomHooks } from './live-room.ts'
export { compareMemberships } from './membership-heads.ts'
export type { Session, Speaker } from './session.ts'
export { SlowReaders } from './slow-readers.ts'
export { keepAlive, type SocketOptions, socketHandlers } from './sockets.ts'
export { type TextContract, TextSession } from './text-session.ts'
