/*
 * The transport: HTTP and WebSocket on Bun, identities, client addresses, errors, broadcast, health, shutdown.
 *
 * Imports core, Elysia and small libraries; never a store, a cluster or a contract. What a contract is to the server
 * says `contract.ts`; contracts import from here what they need.
 */
export { guardAccepting } from './accept-guard.ts'
export { createAddresses } from './address.ts'
export { createBodies } from './body.ts'
export { Broadcast, type Codec, framesOf, type Piece, piecesOf, type RoomLabel } from './broadcast.ts'
export { loadCertificate } from './certificate.ts'
export { systemClock } from './clock.ts'
export { Connection, type SessionFactory } from './connection.ts'
export { Connections } from './connections.ts'
export { type Contract, type Problem, type Server, statusOf } from './contract.ts'
export { DEVICE_COOKIE, SESSION_COOKIE } from './cookies.ts'
export { docs } from './docs.ts'
export { createEdge } from './edge.ts'
export { type HealthState, healthRoutes } from './health.ts'
export { createHttp } from './http.ts'
export { createIdentities, type Identities, type Identity } from './identity.ts'
export { JsonProblem, readJson } from './json.ts'
export { keptBytes } from './kept-bytes.ts'
export { createListener } from './listener.ts'
export { createLogger, type Logger } from './logger.ts'
export { readOpenFiles } from './open-files.ts'
export { createOrigins } from './origin.ts'
export { createPasswords } from './passwords.ts'
export { createSecrets } from './secrets.ts'
export { seldom } from './seldom.ts'
export type { Session, Speaker } from './session.ts'
export { keepAlive, type SocketOptions, socketHandlers } from './sockets.ts'
export { createSources } from './source.ts'
export { failureLine } from './start-failure.ts'
