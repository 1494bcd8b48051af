/*
 * Who is online on which node, and the leases by which nodes are known to live.
 */
export { createRedisPresence, type RedisPresence } from './presence.ts'
