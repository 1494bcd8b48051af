import { afterAll, beforeAll, setDefaultTimeout } from 'bun:test'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { redisContracts } from './support/contracts.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(30_000)

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
redisContracts(() => redis.url)
afterAll(() => redis.remove())
