import { expect, test } from 'bun:test'
import { type RedisAddress, redisAddressOf } from '../../../src/cluster/redis/connection/address.ts'

const PLAIN = { kind: 'single', rest: '', username: '', password: '', tls: false } as const
const at = (host: string, port = 6379) => ({ host, port })

const places: [string, RedisAddress][] = [
  ['redis://localhost', { ...PLAIN, hosts: [at('localhost')] }],
  ['redis://10.0.0.1:6380/3', { ...PLAIN, hosts: [at('10.0.0.1', 6380)], rest: '3' }],
  ['redis://[2001:db8::1]:6380', { ...PLAIN, hosts: [at('2001:db8::1', 6380)] }],
  ['redis://:p%40ss%2F@h', { ...PLAIN, hosts: [at('h')], password: 'p@ss/' }],
  ['redis://chat:a:b%3Ac@h', { ...PLAIN, hosts: [at('h')], username: 'chat', password: 'a:b:c' }],
  ['redis://chat@h', { ...PLAIN, hosts: [at('h')], username: 'chat' }],
  ['rediss://h', { ...PLAIN, hosts: [at('h')], tls: true }],
  [
    'redis+sentinel://:s@a:1,b,[::1]:2/chat',
    {
      ...PLAIN,
      kind: 'sentinel',
      hosts: [at('a', 1), at('b', 26_379), at('::1', 2)],
      rest: 'chat',
      password: 's',
    },
  ],
  ['rediss+cluster://a,b:7000', { ...PLAIN, kind: 'cluster', hosts: [at('a'), at('b', 7000)], tls: true }],
]

test.each(places)('%s', (url, address) => {
  expect(redisAddressOf(url)).toEqual(address)
})
