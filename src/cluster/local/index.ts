/*
 * The same ports for a single node: everything is in memory.
 */
export { createMemoryLimiter } from './limiter.ts'
export { openAlone } from './open-alone.ts'
export { createMemoryRoomPresence, createMemoryUserPresence } from './presence.ts'
