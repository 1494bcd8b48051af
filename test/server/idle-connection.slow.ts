import { expect, test } from 'bun:test'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { openRaw } from './support/raw-client.ts'

/** For how long usual balancers keep a connection unused, in milliseconds, and a little. */
const KEPT_MS = 61_000

test('a connection that a load balancer kept idle for a minute still serves a request', async () => {
  const app = await startApp()
  const kept = await openRaw(app.url)
  const answers = () => kept.received().toString().split('"ok"').length - 1
  const request = () => kept.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  request()
  await until(() => answers() === 1, 'the first answer')
  await Bun.sleep(KEPT_MS)
  expect(kept.isClosed()).toBe(false)
  request()
  await until(() => answers() === 2, 'the second answer')
  kept.end()
  await app.close()
})
