import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ClientSide, createAddresses, createClientSides } from '../../src/server/index.ts'

const PROXY = '10.0.0.1'
const CLIENT = '203.0.113.5'

const addresses = createAddresses(['10.0.0.0/8', '2001:db8:ffff::/48'])
const sides = createClientSides(addresses, { origin: undefined, prefix: '' })

describe('the client’s address', () => {
  test.each([
    ['203.0.113.5:40000', CLIENT],
    ['[2001:db8::1]:4000', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[::ffff:203.0.113.5]:4000', CLIENT],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['  203.0.113.5:40000 ,10.2.2.2:80,  10.3.3.3  ', CLIENT],
    ['6.6.6.6:1, 203.0.113.5:40000', CLIENT],
    ['203.0.113.5, unknown', PROXY],
    ['unknown', PROXY],
    ['203.0.113.5:', CLIENT],
    ['203.0.113.5:x y', PROXY],
    ['8080', PROXY],
    ['0x7f.1', PROXY],
  ])('is of X-Forwarded-For: %s', (value, expected) => {
    expect(through({ 'x-forwarded-for': value }).address).toBe(expected)
  })

  test.each([
    ['for=203.0.113.5', CLIENT],
    ['For="203.0.113.5:40000"', CLIENT],
    ['for="[2001:db8::1]:4000"', '2001:db8::1'],
    ['for="[2001:db8::1]"', '2001:db8::1'],
    ['for=6.6.6.6, for=203.0.113.5;proto=https;by=10.0.0.9 , for=10.2.2.2', CLIENT],
    ['for=203.0.113.5, for=_hidden', PROXY],
    ['for=203.0.113.5, for=unknown', PROXY],
    ['for=203.0.113.5, proto=https', PROXY],
    ['for=203.0.113.5;host="x, for=6.6.6.6;y="', CLIENT],
    ['for="', PROXY],
    ['', PROXY],
  ])('is of Forwarded: %s', (value, expected) => {
    expect(through({ forwarded: value }).address).toBe(expected)
  })

  test('is of X-Forwarded-For where there is also a Forwarded, which most proxies pass on from clients', () => {
    const both = { forwarded: 'for=6.6.6.6', 'x-forwarded-for': CLIENT }
    expect(through(both).address).toBe(CLIENT)
  })

  test('is of a peer with a zone or in the form of IPv6, without either', () => {
    const from = (peer: string) => of({}, { peer })?.address
    expect([from('fe80::1%eth0'), from(`::ffff:${CLIENT}`), from('')]).toEqual(['fe80::1', CLIENT, ''])
  })
})

describe('the origin', () => {
  test.each([
    ['chat.example.com', {}, 'http://chat.example.com'],
    ['chat.example.com:443', { 'x-forwarded-proto': 'https' }, 'https://chat.example.com'],
    ['chat.example.com:80', {}, 'http://chat.example.com'],
    ['chat.example.com:8443', { 'x-forwarded-proto': 'https' }, 'https://chat.example.com:8443'],
    ['CHAT.example.com', {}, 'http://chat.example.com'],
    ['[::1]:8000', {}, 'http://[::1]:8000'],
    ['my_chat:8000', {}, 'http://my_chat:8000'],
    ['chat.example.com', { 'x-forwarded-proto': 'https,http' }, 'https://chat.example.com'],
    ['chat.example.com', { 'x-forwarded-proto': ' HTTPS , http' }, 'https://chat.example.com'],
    ['chat.example.com', { 'x-forwarded-proto': 'wss' }, 'https://chat.example.com'],
    ['chat.example.com', { 'x-forwarded-proto': 'ws' }, 'http://chat.example.com'],
    ['chat.example.com', { 'x-forwarded-proto': 'http, https' }, 'http://chat.example.com'],
    ['chat.example.com', { 'x-forwarded-proto': 'gopher' }, 'http://chat.example.com'],
    ['chat.example.com', { forwarded: 'for=1.1.1.1;proto=HTTPS, proto=http' }, 'https://chat.example.com'],
    ['backend:8000', { 'x-forwarded-host': 'chat.example.com' }, 'http://chat.example.com'],
    [
      'backend:8000',
      { 'x-forwarded-host': 'Chat.example.com:443, inner', 'x-forwarded-proto': 'https' },
      'https://chat.example.com',
    ],
    [
      'backend:8000',
      { forwarded: 'proto=https;host="chat.example.com:8443"' },
      'https://chat.example.com:8443',
    ],
    ['backend:8000', { 'x-forwarded-host': 'a b' }, 'http://backend:8000'],
    ['backend:8000', { 'x-forwarded-host': 'evil.example/x' }, 'http://backend:8000'],
    ['backend:8000', { 'x-forwarded-host': 'me@evil.example' }, 'http://backend:8000'],
    ['backend:8000', { 'x-forwarded-host': '' }, 'http://backend:8000'],
    ['backend:8000', { 'x-forwarded-host': 'a'.repeat(260) }, 'http://backend:8000'],
  ])('of Host: %s and %j is %s', (host, headers, expected) => {
    expect(through({ host, ...headers }).origin).toBe(expected)
  })

  test('is https over a port with TLS, unless a proxy speaks TLS to this server alone', () => {
    const host = 'chat.example.com'
    expect(of({ host }, { tls: true })?.origin).toBe('https://chat.example.com')
    const inner = of({ host, 'x-forwarded-proto': 'http' }, { tls: true, peer: PROXY })
    expect(inner?.origin).toBe('http://chat.example.com')
  })

  test.each([{}, { host: '' }])('of %j is this machine: nothing else is known', (headers) => {
    expect(of(headers)?.origin).toBe('http://localhost:8000')
    expect(of(headers, { tls: true, port: 443 })?.origin).toBe('https://localhost')
  })

  test('is that of PUBLIC_URL, whatever a client or a proxy says', () => {
    const fixed = createClientSides(addresses, { origin: 'https://chat.example.com', prefix: '' })
    const told = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    for (const headers of [{}, { host: 'evil.example' }, { host: 'evil.example', ...told }]) {
      const side = fixed.of(new Headers(headers), { peer: PROXY, tls: false, port: 8000 })
      expect(side?.origin).toBe('https://chat.example.com')
    }
  })
})

describe('no client’s side', () => {
  test.each([
    'a.example, b.example',
    ', a.example',
    'a.example, ',
    'a b',
    '<x>',
    'a/b',
    'a?b',
    'a#b',
    'u@a',
    'a:99999',
    'a:b',
    'a:80:80',
    '::1',
    '[::1',
    '[fe80::1%25eth0]',
    '[x]',
    '1.2.3.4.5',
    '999.1.1.1',
    'bücher.example',
    'a\\b',
    "a'b",
    'a'.repeat(260),
  ])('has a request to the Host %p', (host) => {
    expect(of({ host })).toBeNull()
    expect(through({ host, 'x-forwarded-host': 'chat.example.com' }, false)).toBeNull()
  })
})

describe('the prefix', () => {
  test.each([
    [{}, ''],
    [{ 'x-forwarded-prefix': '/chat' }, '/chat'],
    [{ 'x-forwarded-prefix': '/chat/' }, '/chat'],
    [{ 'x-forwarded-prefix': '/' }, ''],
    [{ 'x-forwarded-prefix': '/outer, /inner/deep' }, '/outer/inner/deep'],
    [{ 'x-forwarded-prefix': '/caf%C3%A9' }, '/caf%C3%A9'],
    [{ 'x-forwarded-prefix': 'chat' }, ''],
    [{ 'x-forwarded-prefix': '//evil.example' }, ''],
    [{ 'x-forwarded-prefix': '/a/../b' }, ''],
    [{ 'x-forwarded-prefix': '/..' }, ''],
    [{ 'x-forwarded-prefix': '/a;Domain=evil.example' }, ''],
    [{ 'x-forwarded-prefix': '/a?b' }, ''],
  ])('of %j is %p', (headers, expected) => {
    expect(through({ host: 'a', ...headers }).prefix).toBe(expected)
  })

  test('is the configured one where no proxy tells a prefix', () => {
    const mounted = createClientSides(addresses, { origin: undefined, prefix: '/chat' })
    const at = (headers: Record<string, string>) =>
      mounted.of(new Headers(headers), { peer: PROXY, tls: false, port: 8000 })?.prefix
    expect(at({})).toBe('/chat')
    expect(at({ 'x-forwarded-prefix': '/talk' })).toBe('/talk')
    expect(at({ 'x-forwarded-prefix': '/' })).toBe('')
  })
})

describe('a peer that is not trusted', () => {
  const told: [peer: string, header: string][] = []
  const watched = createClientSides(addresses, { origin: undefined, prefix: '' }, (...words) =>
    told.push(words),
  )

  test.each([
    ['x-forwarded-for', '1.1.1.1'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-prefix', '/evil'],
    ['forwarded', 'for=1.1.1.1;proto=https;host=evil.example'],
  ])('is not believed its %s, which is told', (name, value) => {
    told.length = 0
    const headers = new Headers({ host: 'chat.example.com', [name]: value })
    expect(watched.of(headers, { peer: CLIENT, tls: false, port: 8000 })).toEqual({
      address: CLIENT,
      origin: 'http://chat.example.com',
      prefix: '',
    })
    expect(told).toEqual([[CLIENT, name]])
    watched.of(headers, { peer: PROXY, tls: false, port: 8000 })
    watched.of(new Headers({ host: 'a' }), { peer: CLIENT, tls: false, port: 8000 })
    expect(told).toHaveLength(1)
  })
})

test('nothing that a header says makes this throw, or leads to another origin than a browser could name', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[ -~]{0,40}$/), fc.constantFrom('a.b', '[::1]:80'))
  fc.assert(
    fc.property(text, text, text, text, (host, forwardedHost, prefix, forwarded) => {
      const headers = new Headers()
      const values = { host, 'x-forwarded-host': forwardedHost, 'x-forwarded-prefix': prefix, forwarded }
      for (const [name, value] of Object.entries(values)) {
        if (/^[\t\x20-\x7e]*$/.test(value)) headers.set(name, value)
      }
      const side = sides.of(headers, { peer: PROXY, tls: false, port: 8000 })
      if (side === null) return
      const url = new URL(`${side.origin}${side.prefix}/path`)
      expect([url.origin, url.pathname]).toEqual([side.origin, `${side.prefix}/path`])
    }),
  )
})

function of(headers: Record<string, string>, arrival: { peer?: string; tls?: boolean; port?: number } = {}) {
  return sides.of(new Headers(headers), { peer: CLIENT, tls: false, port: 8000, ...arrival })
}

function through(headers: Record<string, string>): ClientSide
function through(headers: Record<string, string>, valid: false): ClientSide | null
function through(headers: Record<string, string>, valid = true): ClientSide | null {
  const side = of(headers, { peer: PROXY })
  if (valid && side === null) throw new Error('the Host is not valid')
  return side
}
