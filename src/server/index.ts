/*
 * The transport: HTTP and WebSocket on Bun, identities, client addresses, errors, broadcast, health, shutdown.
 *
 * Imports core, Elysia and small libraries; never a store, a cluster or a contract. `contract.ts` defines what a contract is to the
 * server; contracts import from this file what they need.
 */

export {
  type Addresses,
  type ClientSide,
  type ClientSides,
  createAddresses,
  createClientSides,
} from './client-side/index.ts'
export { systemClock } from './clock.ts'
export type { Contract, ContractDocs, ErrorResponse, Server } from './contract.ts'
export { createComponents, docs, type Refer, responseOf, type ShownSettings } from './docs/index.ts'
export {
  type AddressLimit,
  type Bodies,
  type Certificate,
  createAddressLimit,
  createBasePath,
  createBodies,
  createEdge,
  createHttp,
  createListener,
  type Edge,
  type FollowedCertificate,
  followCertificate,
  JsonProblem,
  keptBytes,
  loadCertificate,
  readJson,
  routePattern,
  withoutSlash,
} from './http/index.ts'
export {
  type AuthSession,
  type Cookies,
  type Credential,
  createCookies,
  createIdentities,
  createOrigins,
  createPasswords,
  createSecrets,
  createSessionEnds,
  createSources,
  type Identities,
  type Identity,
  type IdentityProvider,
  identityProviders,
  type Origins,
  type ProviderParts,
  type SessionEnds,
  TOKENS,
} from './identity/index.ts'
export {
  createLogger,
  crowdedAddressWarning,
  failureLine,
  guardAccepting,
  type HealthState,
  healthDocs,
  healthRoutes,
  type Logger,
  lostUpgradeWarning,
  readOpenFiles,
  refusedOriginWarning,
  seldom,
  untrustedProxyWarning,
} from './observe/index.ts'
export { type PartNames, withPartNamed } from './part-names.ts'
export { type Problem, problemOf, statusOf } from './problem.ts'
export { requestLimit } from './request-limit.ts'
export {
  type Backfill,
  Broadcast,
  type Codec,
  Connection,
  Connections,
  compareUserHeads,
  framesOf,
  keepAlive,
  LiveRoom,
  type LiveRoomHooks,
  membershipNumbers,
  type Piece,
  piecesOf,
  privateNumbers,
  type RoomLabel,
  type Session,
  type SessionFactory,
  SlowReaders,
  type SocketOptions,
  type Speaker,
  type StreamFormat,
  Streams,
  sendAll,
  socketHandlers,
  type TextContract,
  TextSession,
} from './sockets/index.ts'
