// Two nodes behind a balancer are restarted one after the other under load: no request fails. The balancer asks and the nodes wait more
// often and shorter here than by default. `21-rolling-restart.slow.ts` has the defaults, and every balancer.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { startHaproxy } from '../support/proxies/index.ts'
import { expectNothingLost, rollingRestart } from './support/rolling-restart.ts'

setDefaultTimeout(120_000)

test('a rolling restart behind HAProxy fails no request', async () => {
  const env = { NODE_ENV: 'test', DRAIN_DELAY_MS: '2000' }
  const rolled = await rollingRestart((nodes) => startHaproxy(nodes, 'host', 'check inter 200ms'), env)
  console.log(`${rolled.requests} requests, ${rolled.failed.length} failed`)
  expect(rolled.failed).toEqual([])
  expectNothingLost(rolled)
})
