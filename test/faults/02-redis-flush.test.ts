// Redis forgets everything under load, or falls back to an earlier state as after a failover: the nodes notice, and fill from
// Postgres what they did not hear.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { type Cluster, startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'
import { reachesEveryone } from './support/reach.ts'

let cluster: Cluster
let redis: Redis

beforeAll(async () => {
  // Two streams, so that rooms share one.
  cluster = await startCluster({ env: { REDIS_SHARDS: '2' } })
  redis = new Redis(cluster.redis.url)
})
afterAll(async () => {
  redis.disconnect()
  await cluster.remove()
})

test('a flush under load skips nothing', () =>
  underLoad(async (load) => {
    for (let flush = 0; flush < 5; flush++) {
      await load.flows(50)
      load.burst(10)
      await redis.flushall()
    }
    const converged = await load.converge()
    // A room that is quiet afterwards: no later number tells that one is missing.
    await redis.flushall()
    const reached = await reachesEveryone(load, 'said just after a flush')
    return (
      `5 flushes; converged in ${Math.round(converged)} ms; ` +
      `what was said after one more reached everyone in ${Math.round(reached)} ms`
    )
  }))

test('numbers that go back to earlier ones skip nothing', () =>
  underLoad(async (load) => {
    const took: number[] = []
    for (let fallback = 0; fallback < 4; fallback++) {
      const earlier = await keepStreams()
      await load.flows(30)
      load.pause()
      await earlier.comeBack()
      load.burst(10)
      await load.flows(100)
      took.push(await load.converge())
      load.resume()
    }
    return `${took.length} fallbacks; converged in ${took.map(Math.round)} ms`
  }))

test('numbers that go back, and are overtaken before anyone checks, skip nothing', () =>
  underLoad(async (load) => {
    await load.flows(20)
    await load.converge()
    const [speaker] = load.clients
    // Of one stream.
    const [quiet = 0, , busy = 0] = load.rooms
    const say = async (room: number) => {
      const said = speaker?.say(room, `word ${crypto.randomUUID()}`)
      await load.answered(said === undefined ? [] : [said])
    }
    const earlier = await keepStreams()
    for (let i = 0; i < 3; i++) await say(busy)
    await load.converge()
    await earlier.comeBack()
    // Under numbers that the readers have seen already; then the others go on from where the readers were.
    for (let i = 0; i < 3; i++) await say(quiet)
    for (let i = 0; i < 3; i++) await say(busy)
    return `overtaken; converged in ${Math.round(await load.converge())} ms`
  }))

/** @param run what is done; tells what was seen */
async function underLoad(run: (load: Load) => Promise<string>): Promise<void> {
  const load = await startLoad(cluster, { rooms: 4, clients: 16, perSecond: 200 })
  try {
    const seen = await run(load)
    console.log(`${seen}; ${load.summary()}`)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
  }
}

/** What a replica has that lags behind: it may become the master at any moment. */
async function keepStreams() {
  const keys = (await redis.keys('*:{s*')).sort()
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)))
  return {
    async comeBack(): Promise<void> {
      const all = redis.multi()
      keys.forEach((key, index) => {
        const dump = dumps[index]
        if (dump) all.restore(key, 0, dump, 'REPLACE')
      })
      await all.exec()
    },
  }
}
