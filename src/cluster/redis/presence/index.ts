/*
 * Which users are online on which node, and the leases that show which nodes live.
 */
export { createRedisPresence, type RedisPresence } from './presence.ts'
