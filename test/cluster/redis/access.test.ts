// Who may speak to Redis, and over what.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRedisCluster } from '../../../src/cluster/index.ts'
import { SetupError } from '../../../src/core/index.ts'
import { systemClock } from '../../../src/server/index.ts'
import { startRedisCluster } from '../../support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { asking } from './support/asking.ts'
import { redisContracts } from './support/contracts.ts'
import { type Certificate, makeCertificate, startTlsRedis, startTlsSentinel } from './support/tls.ts'

const OPTIONS = {
  prefix: 'test',
  shards: 4,
  requestsPerMinute: 10,
  loginsPerMinute: 10,
  registrationsPerMinute: 10,
  guestsPerMinute: 10,
  searchesPerMinute: 10,
  messages: { messagesPerSecond: 10, burst: 10, users: 10 },
  requests: { messagesPerSecond: 10, burst: 10, users: 10 },
  connections: { address: 10, user: 10 },
  epoch: () => '1-0123abcd',
}
const PASSWORD = 'p@ss:w/rd é'
/** What an account needs, besides `+cluster|slots +cluster|info` in a Redis Cluster. */
const ACL = [
  '+@read',
  '+@write',
  '+@scripting',
  '+@transaction',
  '+@connection',
  '+time',
  '+info',
  '+client|unblock',
]

describe('as a Redis user with only the permissions needed', () => {
  let redis: RedisServer
  let denied: string
  const url = () => `redis://chat:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}`

  beforeAll(async () => {
    redis = await startRedis()
    await asking(redis.url, async (client) => {
      await client.call('ACL', 'SETUSER', 'chat', 'on', `>${PASSWORD}`, '~p*:*', ...ACL)
      await client.call('ACL', 'LOG', 'RESET')
    })
  })
  redisContracts(url)
  test('no command was denied', async () => {
    denied = await asking(redis.url, async (client) => String(await client.call('ACL', 'LOG')))
    expect(denied).toBe('')
  })
  afterAll(() => redis.remove())
})

test('a wrong password refuses the start, without the password', async () => {
  const redis = await startRedis({ requirepass: 'right' })
  const told: (Error | null)[] = []
  const error: unknown = await openRedisCluster(systemClock, {
    ...OPTIONS,
    url: `redis://:wr0ng-secret@127.0.0.1:${redis.port}`,
    onChange: (away) => told.push(away),
  }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SetupError)
  expect(String(error)).toContain('WRONGPASS')
  expect(Bun.inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('wr0ng-secret')
  // That it is away is no news then.
  expect(told).toEqual([])
  await redis.remove()
})

describe('over TLS', () => {
  let folder: string
  let certificate: Certificate
  const servers: { remove(): Promise<unknown> }[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-redis-tls-'))
    certificate = await makeCertificate(folder)
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.remove()))
    await rm(folder, { recursive: true })
  })

  test('accepts a certificate of an authority in NODE_EXTRA_CA_CERTS, and no other', async () => {
    const { server, tlsPort } = await startTlsRedis(certificate)
    servers.push(server)
    expect(await pairOn(`rediss://127.0.0.1:${tlsPort}`, certificate.cert)).toBe('heard')
    expect(await pairOn(`rediss://127.0.0.1:${tlsPort}`)).toMatch(/^failed: .*(SELF_SIGNED|UNABLE_TO_VERIFY)/)
    // Of another host than the certificate names.
    expect(await pairOn(`rediss://localhost:${tlsPort}`, certificate.cert)).toMatch(/^failed: .*ALTNAME/)
    expect(await pairOn(`redis://127.0.0.1:${tlsPort}`)).toMatch(/^failed: /)
  })

  test('with Sentinel, to it as well', async () => {
    const { server, tlsPort } = await startTlsRedis(certificate)
    const sentinel = await startTlsSentinel(certificate, tlsPort)
    servers.push(server, sentinel.server)
    const url = `rediss+sentinel://127.0.0.1:${sentinel.tlsPort}/chat`
    expect(await pairOn(url, certificate.cert)).toBe('heard')
    expect(await pairOn(url)).toMatch(/^failed: /)
  })

  test('in a Redis Cluster', async () => {
    const redis = await startRedisCluster({ tls: certificate })
    servers.push(redis)
    expect(redis.url).toStartWith('rediss+cluster://')
    expect(await pairOn(redis.url, certificate.cert)).toBe('heard')
    expect(await pairOn(redis.url)).toMatch(/^failed: /)
  })
})

/** What two nodes in a process of their own make of it. @param authority a file of certificates that are trusted */
async function pairOn(url: string, authority?: string): Promise<string> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'support/tls-pair.ts'), url], {
    env: { ...env, ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return (await child.stdout.text()).trim()
}
