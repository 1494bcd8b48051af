/*
 * What nodes share through Redis: committed events and signals in streams (`bus.ts`), and further limits, budgets and
 * presence. Redis makes it fast and is never needed for it to be right: whatever is lost here is found by comparing heads.
 *
 * Works with one server, with Sentinel and with Redis Cluster: every command and script keeps to one hash slot.
 */
export { openRedisCluster, type RedisClusterOptions } from './open-redis-cluster.ts'
