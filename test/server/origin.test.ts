import { describe, expect, test } from 'bun:test'
import { createOrigins } from '../../src/server/index.ts'

const origins = createOrigins(['https://chat.example.com', 'http://localhost:3000'])

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
    expect(createOrigins([]).allows('https://chat.example.com', `https://${host}`)).toBe(false)
  })
})

test('only exact entries are accepted', () => {
  expect(origins.listed('https://chat.example.com')).toBe(true)
  for (const origin of ['https://api.example.com', 'null', '', 'https://chat.example.com/']) {
    expect(origins.listed(origin)).toBe(false)
  }
})
