// Two nodes behind a balancer are restarted one after the other under load: no request fails. Balancers ask and nodes wait more
// often and shorter here than by default, which `21-rolling-restart.slow.ts` has.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { startHaproxy, startNginx } from '../support/proxy-servers.ts'
import { expectOnlyLostConnections, rollingRestart } from './support/rolling-restart.ts'

setDefaultTimeout(120_000)

test.each([
  ['HAProxy', (nodes: readonly number[]) => startHaproxy(nodes, 'check inter 200ms'), '2000'],
  ['nginx, which asks nobody', startNginx, '300'],
] as const)(
  'behind %s a rolling restart fails no request that can be saved',
  async (name, startProxy, delay) => {
    const rolled = await rollingRestart(startProxy, { NODE_ENV: 'test', DRAIN_DELAY_MS: delay })
    console.log(`${rolled.requests} requests, ${rolled.failed.length} failed`)
    if (name === 'HAProxy') expect(rolled.failed).toEqual([])
    else expectOnlyLostConnections(rolled)
    expect(rolled.codes).toEqual([0, 0])
    expect(rolled.stored.toSorted()).toEqual(rolled.sent.toSorted())
  },
)
