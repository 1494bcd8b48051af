/*
 * What nodes share through Redis: committed events and signals in streams (`streams/`), limits, budgets and presence. Redis makes it
 * fast, but correctness never depends on it: what is lost here is found by comparing heads with the database.
 *
 * Works with one server, with Sentinel and with Redis Cluster: every command and script keeps to one hash slot.
 */
export { openRedisCluster, type RedisClusterOptions } from './open-redis-cluster.ts'
