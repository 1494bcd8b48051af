import { describe, expect, test } from 'bun:test'
import { createOrigins } from '../../src/server/index.ts'

const origins = createOrigins({
  allowed: ['https://chat.example.com', 'http://localhost:3000'],
  local: false,
})

describe('the session cookie is for', () => {
  test.each([
    ['programs, which send no Origin', null, 'https://api.example.com'],
    ['a listed page', 'https://chat.example.com', 'https://api.example.com'],
    ['a listed page, whatever the server is called', 'http://localhost:3000', 'http://api.example.com'],
    ['the server’s own pages', 'https://api.example.com', 'https://api.example.com'],
    ['the server’s own pages on a port', 'http://localhost:8000', 'http://localhost:8000'],
    [
      'the server’s own pages behind a TLS proxy that it does not know of',
      'https://own.example',
      'http://own.example',
    ],
    ['the same where such a proxy tells the port', 'https://own.example', 'http://own.example:443'],
  ])('%s', (_, origin, own) => {
    expect(origins.allows(origin, own)).toBe(true)
  })
})

describe('the session cookie is not for', () => {
  const host = 'api.example.com'
  test.each([
    ['another site', 'https://evil.example'],
    ['null (a sandboxed frame, a file, a redirect)', 'null'],
    ['the empty origin', ''],
    ['a listed name under another', 'https://chat.example.com.evil.example'],
    ['a listed name as the end of another', 'https://evilchat.example.com'],
    ['a subdomain of a listed name', 'https://a.chat.example.com'],
    ['the parent of a listed name', 'https://example.com'],
    ['another scheme', 'http://chat.example.com'],
    ['another port', 'https://chat.example.com:8443'],
    ['the usual port spelled out', 'https://chat.example.com:443'],
    ['another case', 'https://CHAT.example.com'],
    ['a trailing slash', 'https://chat.example.com/'],
    ['a path', 'https://chat.example.com/x'],
    ['a user', 'https://chat.example.com@evil.example'],
    ['a blank before', ' https://chat.example.com'],
    ['two origins', 'https://chat.example.com https://evil.example'],
    ['a wildcard', '*'],
    ['one’s own host under another', `https://${host}.evil.example`],
    ['one’s own host as the end of another', `https://evil-${host}`],
    ['one’s own host on another port', `https://${host}:8443`],
    ['one’s own host by another scheme', `wss://${host}`],
    ['one’s own host without TLS, where the client speaks TLS', `http://${host}`],
  ])('%s', (_, origin) => {
    expect(origins.allows(origin, `https://${host}`)).toBe(false)
  })

  test('a page of another host if no origin is allowed', () => {
    expect(
      createOrigins({ allowed: [], local: false }).allows('https://chat.example.com', `https://${host}`),
    ).toBe(false)
  })
})

test('only exact entries are accepted', () => {
  expect(origins.listed('https://chat.example.com')).toBe(true)
  for (const origin of ['https://api.example.com', 'null', '', 'https://chat.example.com/']) {
    expect(origins.listed(origin)).toBe(false)
  }
})

describe('in development, an origin is listed', () => {
  const local = createOrigins({ allowed: ['https://chat.example.com'], local: true })

  test.each([
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:5173',
    'http://127.0.0.1:8080',
    'http://[::1]:4321',
    'http://app.localhost:3000',
    'https://chat.example.com',
  ])('if it is of this machine or configured: %s', (origin) => {
    expect(local.listed(origin)).toBe(true)
    expect(createOrigins({ allowed: [], local: false }).listed(origin)).toBe(false)
  })

  test.each([
    'http://localhost.evil.example',
    'http://evillocalhost',
    'http://localhost@evil.example',
    'http://LOCALHOST:3000',
    'http://localhost:80',
    'http://localhost/',
    'http://127.0.0.1.evil.example',
    'http://127.1',
    'http://192.168.0.2:3000',
    'http://0.0.0.0:3000',
    'ws://localhost:3000',
    'file://localhost',
    'null',
    '',
  ])('only if it is: not %p', (origin) => {
    expect(local.listed(origin)).toBe(false)
  })
})
