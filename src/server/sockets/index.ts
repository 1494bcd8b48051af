/*
 * WebSocket connections from the handshake to the close, their frames, and the broadcast of rooms' events to them. Answers over HTTP
 * that last (`streams.ts`) are connections like these, whose clients send nothing.
 */
export { Broadcast } from './broadcast.ts'
export type { Codec, RoomLabel } from './codec.ts'
export { Connection, type SessionFactory } from './connection.ts'
export { Connections } from './connections.ts'
export { keepAlive } from './keep-alive.ts'
export { type Backfill, LiveRoom, type LiveRoomHooks } from './live-room.ts'
export { framesOf, type Piece, piecesOf } from './pieces.ts'
export { sendAll } from './send-all.ts'
export type { Session, Speaker } from './session.ts'
export { SlowReaders } from './slow-readers.ts'
export { type SocketOptions, socketHandlers } from './sockets.ts'
export type { StreamFormat } from './stream-wire.ts'
export { type Held, Streams } from './streams.ts'
export { type TextContract, TextSession } from './text-session.ts'
export { compareUserHeads, membershipNumbers, privateNumbers } from './user-heads.ts'
