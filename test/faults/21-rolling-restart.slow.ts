// The same as `21-rolling-restart.test.ts`, with nothing but the defaults of production and of the balancers.
import { expect, test } from 'bun:test'
import { startHaproxy, startNginx } from '../support/proxy-servers.ts'
import { expectOnlyLostConnections, rollingRestart } from './support/rolling-restart.ts'

test.each([
  ['HAProxy', startHaproxy],
  ['nginx', startNginx],
] as const)(
  'behind %s a rolling restart with the defaults fails no request that can be saved',
  async (name, startProxy) => {
    const env = { NODE_ENV: 'production', V1_TRUST_IDS: 'true' }
    const rolled = await rollingRestart((nodes) => startProxy(nodes), env)
    console.log(`${rolled.requests} requests, ${rolled.failed.length} failed`)
    if (name === 'HAProxy') expect(rolled.failed).toEqual([])
    else expectOnlyLostConnections(rolled)
    expect(rolled.codes).toEqual([0, 0])
    expect(rolled.stored.toSorted()).toEqual(rolled.sent.toSorted())
  },
)
