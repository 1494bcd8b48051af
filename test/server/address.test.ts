import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createAddresses } from '../../src/server/index.ts'

const addresses = createAddresses(['10.0.0.0/8', '192.0.2.1', '2001:db8:ffff::/48'])

describe('the client’s address', () => {
  test.each([
    ['the peer, where it forwards nothing', '10.0.0.1', null, '10.0.0.1'],
    ['the peer, where it is no trusted proxy', '198.51.100.7', '1.1.1.1', '198.51.100.7'],
    ['what a trusted proxy has seen', '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['what a trusted single address has seen', '192.0.2.1', '1.1.1.1', '1.1.1.1'],
    ['nothing that a neighbour of it says', '192.0.2.2', '1.1.1.1', '192.0.2.2'],
    ['the rightmost that is no proxy', '10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    [
      'the rightmost that is no proxy, through several',
      '10.0.0.1',
      '6.6.6.6, 1.1.1.1, 10.2.2.2,10.3.3.3',
      '1.1.1.1',
    ],
    ['never what stands left of a stranger', '10.0.0.1', '10.9.9.9, 6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['the leftmost proxy, where all are proxies', '10.0.0.1', '10.7.7.7, 10.2.2.2', '10.7.7.7'],
    ['an IPv6 client', '10.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['a client behind an IPv6 proxy', '2001:db8:ffff::1', '1.1.1.1', '1.1.1.1'],
    ['through a proxy that comes as IPv4 in IPv6', '::ffff:10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['a client that comes as IPv4 in IPv6', '10.0.0.1', '::ffff:1.1.1.1', '1.1.1.1'],
    ['blanks are nothing', '10.0.0.1', ' \t1.1.1.1\t ', '1.1.1.1'],
  ])('is %s', (_, peer, forwarded, expected) => {
    expect(addresses.client(peer, forwarded?.split(',') ?? [])).toBe(expected)
  })

  test.each([
    ['', '10.0.0.1'],
    [',', '10.0.0.1'],
    ['unknown', '10.0.0.1'],
    ['junk, 1.1.1.1', '1.1.1.1'],
    ['1.1.1.1, junk', '10.0.0.1'],
    ['1.1.1.1, junk, 10.2.2.2', '10.2.2.2'],
    ['1.1.1.1, , 10.2.2.2', '10.2.2.2'],
    ['_hidden', '10.0.0.1'],
    ['<script>', '10.0.0.1'],
    ['999.1.1.1', '10.0.0.1'],
  ])('stops at an entry that is not an address: %p', (forwarded, expected) => {
    expect(addresses.client('10.0.0.1', forwarded.split(','))).toBe(expected)
  })

  test('is looked for behind 32 proxies and no more', () => {
    const proxies = (count: number) => Array.from({ length: count }, () => '10.2.2.2')
    expect(addresses.client('10.0.0.1', ['1.1.1.1', ...proxies(31)])).toBe('1.1.1.1')
    expect(addresses.client('10.0.0.1', ['1.1.1.1', ...proxies(32)])).toBe('10.2.2.2')
  })

  test('is the peer if no proxy is trusted, whatever the header says', () => {
    const none = createAddresses([])
    fc.assert(
      fc.property(fc.ipV4(), fc.oneof(fc.string(), fc.ipV4()), (peer, forwarded) => {
        expect(none.client(peer, [forwarded])).toBe(peer)
      }),
    )
  })

  test('is never taken from what a client adds on the left', () => {
    const stranger = fc.ipV4().filter((ip) => !ip.startsWith('10.') && ip !== '192.0.2.1')
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6())), stranger, (left, client) => {
        expect(addresses.client('10.0.0.1', [...left, client])).toBe(client)
      }),
    )
  })

  test('is always an address, and never throws, for any header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (forwarded) => {
        expect(addresses.client('10.0.0.1', [forwarded])).not.toBe('')
        expect(addresses.limitKey(forwarded)).toBeString()
      }),
    )
  })
})

describe('limits count', () => {
  test.each([
    ['1.2.3.4', '1.2.3.5'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['1.2.3.4', '2001:db8::1'],
  ])('count %s and %s as two', (one, other) => {
    expect(addresses.limitKey(one)).not.toBe(addresses.limitKey(other))
  })

  test.each([
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff'],
    ['2001:db8:0:1::1', '2001:0DB8:0000:0001::1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
  ])('count %s and %s as one', (one, other) => {
    expect(addresses.limitKey(one)).toBe(addresses.limitKey(other))
  })
})

describe('the forwarded scheme is used', () => {
  test.each(['10.0.0.1', '::ffff:10.9.9.9', '192.0.2.1', '2001:db8:ffff::9'])('from %s', (peer) => {
    expect(addresses.trusted(peer)).toBe(true)
  })

  test.each(['11.0.0.1', '192.0.2.2', '2001:db8:fffe::1', '', 'junk', '::1'])('not from %p', (peer) => {
    expect(addresses.trusted(peer)).toBe(false)
  })
})
