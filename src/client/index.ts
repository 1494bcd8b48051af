/*
 * Parley's client library, for browsers and Bun: one connection, any number of rooms, each an ordered view without gaps, and
 * messages that arrive exactly once. README.md in this folder says how to use it.
 *
 * Imports only types, those of the wire in api/v2. Uses only what browsers and Bun have in common.
 */
export {
  type Api,
  all,
  type Page,
  type PageQuery,
  register,
  renewToken,
  type SearchFilters,
  type SearchQuery,
  type SignInOptions,
  signIn,
  type UploadOptions,
} from './api/index.ts'
export { type Client, createClient } from './client.ts'
export type { Clock, Fetch, Logger, Network, SocketConstructor, SocketLike } from './environment.ts'
export { ParleyError, type ParleyErrorCode } from './errors.ts'
export type { ClientEvents } from './events.ts'
export type { Stopped, Token, Transport } from './link/index.ts'
export type { ClientOptions } from './options.ts'
export {
  memoryStorage,
  type OutboxEntry,
  type OutboxStorage,
  type SendHandle,
  type WebStorage,
  webStorage,
} from './outbox/index.ts'
export type { OwnDraft, OwnSnapshot, OwnState } from './own/index.ts'
export type { RoomView, ThreadSnapshot, ThreadView } from './room/index.ts'
export type { RoomList, RoomListSnapshot } from './room-list/index.ts'
export type { ClientSnapshot, Status } from './status.ts'
export type { Ended, Pending, RoomSnapshot, RoomStatus, SendStatus } from './view/index.ts'
export type * from './wire.ts'
