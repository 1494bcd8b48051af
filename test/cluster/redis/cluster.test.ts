import { afterAll, beforeAll, setDefaultTimeout } from 'bun:test'
import { type RedisClusterServers, startRedisCluster } from '../../support/redis-cluster.ts'
import { redisContracts } from './support/contracts.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(30_000)

let redis: RedisClusterServers

beforeAll(async () => {
  redis = await startRedisCluster()
})
redisContracts(() => redis.url)
afterAll(() => redis.remove())
