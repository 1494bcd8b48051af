// Two nodes behind a balancer are restarted one after the other under load: no request fails. Balancers ask and nodes wait more
// often and shorter here than by default, which `21-rolling-restart.slow.ts` has.
import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  type MountPoint,
  pathOf,
  type StartProxy,
  startCaddy,
  startHaproxy,
  startNginx,
} from '../support/proxies/index.ts'
import { expectNothingLost, expectOnlyLostConnections, rollingRestart } from './support/rolling-restart.ts'

setDefaultTimeout(120_000)

const askOften: StartProxy = (nodes, mount) => startHaproxy(nodes, mount, 'check inter 200ms')

test.each<[string, StartProxy, MountPoint, string]>([
  ['HAProxy', askOften, 'host', '2000'],
  ['nginx, which asks nobody', startNginx, 'path', '300'],
  ['Caddy', (nodes, mount) => startCaddy(nodes, mount, '200ms'), 'path', '1000'],
])('behind %s a rolling restart fails no request that can be saved', async (_, startProxy, mount, delay) => {
  const env = { NODE_ENV: 'test', DRAIN_DELAY_MS: delay, BASE_PATH: `${pathOf(mount)}/` }
  const rolled = await rollingRestart((nodes) => startProxy(nodes, mount), env)
  console.log(`${rolled.requests} requests, ${rolled.failed.length} failed`)
  if (startProxy === startNginx) expectOnlyLostConnections(rolled)
  else expect(rolled.failed).toEqual([])
  expectNothingLost(rolled)
})
