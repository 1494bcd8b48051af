// The machine's clock is set while the server runs: what limits count, and how long they make a client wait, does not change.
import { afterEach, expect, setSystemTime, test } from 'bun:test'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'

const HOUR_MS = 3_600_000
const LIMIT = 2

let app: TestApp
afterEach(async () => {
  setSystemTime()
  await app.close()
})

test('no client waits longer than a minute after the clock went back an hour', async () => {
  app = await startApp({ RATE_REQUESTS_PER_MINUTE: `${LIMIT}` })
  await spend()
  setSystemTime(Date.now() - HOUR_MS)
  const refused = await request()
  expect(refused.status).toBe(429)
  for (const header of ['retry-after', 'ratelimit-reset']) {
    expect([header, Number(refused.headers.get(header)) <= 60]).toEqual([header, true])
  }
})

test('nothing is given early after the clock went forward an hour', async () => {
  app = await startApp({ RATE_REQUESTS_PER_MINUTE: `${LIMIT}` })
  await spend()
  setSystemTime(Date.now() + HOUR_MS)
  expect((await request()).status).toBe(429)
})

async function spend(): Promise<void> {
  for (let i = 0; i < LIMIT; i++) expect((await request()).status).not.toBe(429)
}

function request() {
  return ask('GET', `${app.url}/api/v2/me`)
}
