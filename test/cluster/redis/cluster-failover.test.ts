// A replica takes the place of a master of a Redis Cluster that is gone.
import { afterEach, expect, test } from 'bun:test'
import { headKey, keyspace, shardOf } from '../../../src/cluster/redis/connection/keys.ts'
import { startRedisCluster } from '../../support/redis-cluster.ts'
import { until } from '../../support/until.ts'
import { asking } from './support/asking.ts'
import { goOn, ROOM, talking } from './support/failover.ts'

const removals: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const remove of removals.splice(0).toReversed()) await remove()
})

test.each(['kill', 'pause'] as const)(
  'after a %s of a master, everything continues with its replica',
  async (go) => {
    const redis = await startRedisCluster({ replicated: true })
    removals.push(redis.remove)
    const { one, two, talk } = await talking(redis.url)
    removals.push(() => Promise.all([one.close(), two.close()]))
    const master = await redis.masterOf(headKey(keyspace('test'), shardOf(ROOM, 4)))
    const replica = redis.replicas[redis.masters.indexOf(master)]
    if (replica === undefined) throw new Error('the master has no replica')

    await master[go]()
    const role = () => asking(replica.url, async (client) => String((await client.role())[0]))
    await until(async () => (await role()) === 'master', 'the failover', 20_000)
    await goOn(one, two, talk)
    expect(await role()).toBe('master')
  },
)
