// Between the signal to stop and the moment when connections are refused: balancers are told, and everybody is served.
import { beforeAll, describe, expect, test } from 'bun:test'
import { v1Client } from '../api/support/v1-client.ts'
import { TextFrame } from '../api/support/v1-shapes.ts'
import { startApp } from '../support/app.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { openRaw } from './support/raw-client.ts'

let databaseUrl: string
beforeAll(async () => {
  databaseUrl = await createMigratedDatabase()
})

function start(drainMs: number, env: Record<string, string> = {}) {
  const deadline = { DRAIN_DELAY_MS: String(drainMs), SHUTDOWN_DEADLINE_MS: String(drainMs + 10_000) }
  return startApp({ DATABASE_URL: databaseUrl, ...deadline, ...env })
}

const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'

describe('while the server drains', () => {
  test('/readyz answers 503 at once, and everything else is served, also over new connections', async () => {
    const app = await start(2000)
    const v1 = v1Client(app)
    const [room, user] = [await v1.room(), await v1.user()]
    const old = await v1.join(room, user)
    let ended = false
    const closing = app.close().then(() => {
      ended = true
    })
    const ready = await fetch(`${app.url}/readyz`, { keepalive: false })
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'unavailable', reason: 'stopping' }])
    const late = await v1.join(room, user)
    await v1.say(room, user, 'said while draining')
    for (const { socket } of [old, late])
      await socket.nextWhere(TextFrame, ({ content }) => content === 'said while draining')
    expect((await fetch(`${app.url}/healthz`, { keepalive: false })).status).toBe(200)
    expect(ended).toBe(false)

    await closing
    for (const { socket } of [old, late]) expect((await socket.closed).code).toBe(1012)
    expect(await fetch(`${app.url}/healthz`).catch(() => 'refused')).toBe('refused')
  })

  test('each response announces that the connection closes, and it is closed, errors and preflights included', async () => {
    const origin = 'https://chat.example'
    const app = await start(2000, { ALLOWED_ORIGINS: origin })
    const kept = await openRaw(app.url)
    kept.write(REQUEST)
    await until(() => kept.received().includes('"ok"'), 'the first answer')
    expect(kept.received().toString().toLowerCase()).not.toContain('connection: close')
    const closing = app.close()
    kept.write(REQUEST)
    await kept.closed()
    expect(kept.received().toString().toLowerCase().split('connection: close')).toHaveLength(2)
    const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } }
    for (const [path, options] of [
      ['/nowhere', {}],
      ['/api/v1/rooms', preflight],
      ['/', {}],
    ] as const) {
      const answer = await fetch(app.url + path, options)
      expect([path, answer.headers.get('connection')]).toEqual([path, 'close'])
    }
    await closing
  })
})

test('a connection is closed once it has been silent for HTTP_IDLE_SECONDS', async () => {
  const app = await start(0, { HTTP_IDLE_SECONDS: '5' })
  const kept = await openRaw(app.url)
  kept.write(REQUEST)
  await until(() => kept.received().includes('"ok"'), 'the answer')
  await kept.closed(20_000)
  await app.close()
})

test('a refused handshake closes its connection', async () => {
  const app = await start(0)
  const client = await openRaw(app.url)
  client.write(
    'GET /api/v2/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  await client.closed()
  expect(client.received().toString()).toStartWith('HTTP/1.1 400')
  await app.close()
})
