/*
 * Connections in rooms: entering, being seen there, typing, leaving. What a connection is to its client is the transport's.
 */
export { TYPING_MS } from './typing.ts'
export { Visit, type VisitDeps } from './visit.ts'
