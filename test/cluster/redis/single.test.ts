import { afterAll, beforeAll } from 'bun:test'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { redisContracts } from './support/contracts.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
redisContracts(() => redis.url)
afterAll(() => redis.remove())
