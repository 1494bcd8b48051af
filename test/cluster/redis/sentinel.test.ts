// A replica takes the place of a master that is gone, by a sentinel.
import { afterEach, expect, test } from 'bun:test'
import { startSentinel } from '../../support/redis-sentinel.ts'
import { until } from '../../support/until.ts'
import { asking } from './support/asking.ts'
import { goOn, ROOM, talking } from './support/failover.ts'

const removals: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const remove of removals.splice(0).toReversed()) await remove()
})

async function start(password = '') {
  const redis = await startSentinel({ password })
  removals.push(redis.remove)
  const talkers = await talking(redis.url)
  removals.push(() => Promise.all([talkers.one.close(), talkers.two.close()]))
  const [master, replica] = redis.servers
  return { redis, master, replica, ...talkers }
}

test.each(['kill', 'pause'] as const)(
  'after a %s of the master, everything continues with the replica',
  async (go) => {
    const { redis, master, replica, one, two, talk } = await start(go === 'kill' ? 'secret' : '')
    await master[go]()
    await until(async () => (await redis.masterPort()) === replica.port, 'the failover')
    await goOn(one, two, talk)
    expect(await asking(replica.url, async (client) => String((await client.role())[0]))).toBe('master')
  },
)

test('entries that the replica lacks are reported as lost', async () => {
  const { redis, master, replica, one, two, talk } = await start()
  // It is behind from now on.
  await replica.pause()
  await asking(master.url, (client) => client.call('CLIENT', 'KILL', 'TYPE', 'replica'))
  const before = two.heard.length
  for (let i = 0; i < 20; i++) talk.say(one, ROOM)
  await until(() => two.heard.length >= before + 20, 'what the master had')
  await master.kill()
  await replica.resume()
  await until(async () => (await redis.masterPort()) === replica.port, 'the failover', 20_000)
  await until(() => two.lost.some((concerns) => concerns(ROOM)), 'the loss to be told')
  await goOn(one, two, talk)
})

test('a Sentinel that hangs does not block connections to the master', async () => {
  const { redis, one, two, talk } = await start()
  await redis.sentinel.pause()
  await goOn(one, two, talk)
  expect(two.lost).toEqual([])
})
