import { afterAll, beforeAll } from 'bun:test'
import { type RedisClusterServers, startRedisCluster } from '../../support/redis-cluster.ts'
import { redisContracts } from './support/contracts.ts'

let redis: RedisClusterServers

beforeAll(async () => {
  redis = await startRedisCluster()
})
redisContracts(() => redis.url)
afterAll(() => redis.remove())
