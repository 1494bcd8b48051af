// A proxy that passes WebSocket upgrades on only if it is told to, as nginx does, sends handshakes without their Upgrade header.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'

const REST_OF_HANDSHAKE = {
  connection: 'close',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

test('handshakes without Upgrade are 400 with the cause, and the log names the proxy once', async () => {
  const warned = () => app.logs().filter((line) => line.includes('Upgrade'))
  expect((await ask('GET', `${app.url}/api/v2/socket`)).status).toBe(400)
  expect(warned()).toEqual([])
  for (const path of ['/api/v2/socket', '/ws/chat/lobby/', '/api/v1/ws/1/1', '/api/v2/socket']) {
    const { status, text } = await ask('GET', app.url + path, { headers: REST_OF_HANDSHAKE })
    expect([path, status]).toEqual([path, 400])
    expect(text).toContain('Upgrade')
  }
  expect(warned()).toHaveLength(1)
  expect(warned()[0]).toContain('127.0.0.1')
})
