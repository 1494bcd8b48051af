/*
 * Clients of Redis (single server, Sentinel and Cluster), keys, scripts and failures.
 */
export { agreeOnShards } from './agreement.ts'
export {
  BLOCK_MS,
  type BlockingReader,
  COMMAND_MS,
  openRedis,
  type RedisClient,
  type RedisClients,
} from './clients.ts'
export { hashPages } from './hash-pages.ts'
export { Health } from './health.ts'
export { EVERYBODY, headKey, keyspace, type Shard, shardOf, shardOfSignal, streamKey } from './keys.ts'
export { NODE_CLOCK, NODE_TIME } from './node-clock.ts'
export { isPartOfCluster, OF_CLUSTER, refusalIn } from './refusal.ts'
export { Script } from './scripts.ts'
