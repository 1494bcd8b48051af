// The same as `21-rolling-restart.test.ts`, with nothing but the defaults of production and of the balancers.
import { describe, expect, test } from 'bun:test'
import {
  type MountPoint,
  pathOf,
  type StartProxy,
  startCaddy,
  startHaproxy,
  startNginx,
} from '../support/proxies/index.ts'
import { expectNothingLost, expectOnlyLostConnections, rollingRestart } from './support/rolling-restart.ts'

describe.each<[string, MountPoint]>([
  ['as the whole host', 'host'],
  ['below a path', 'path'],
])('%s', (_, mount) => {
  test.each<[string, StartProxy]>([
    ['HAProxy', startHaproxy],
    ['nginx', startNginx],
    ['Caddy', startCaddy],
  ])(
    'behind %s a rolling restart with the defaults fails no request that can be saved',
    async (_, startProxy) => {
      const env = { NODE_ENV: 'production', V1_TRUST_IDS: 'true', BASE_PATH: `${pathOf(mount)}/` }
      const rolled = await rollingRestart((nodes) => startProxy(nodes, mount), env)
      console.log(`${rolled.requests} requests, ${rolled.failed.length} failed`)
      if (startProxy === startNginx) expectOnlyLostConnections(rolled)
      else expect(rolled.failed).toEqual([])
      expectNothingLost(rolled)
    },
  )
})
