/*
 * What nodes share, for a node that is alone: everything in memory.
 */
export { createMemoryLimiter } from './limiter.ts'
export { openAlone } from './open-alone.ts'
export { createMemoryRoomPresence, createMemoryUserPresence } from './presence.ts'
