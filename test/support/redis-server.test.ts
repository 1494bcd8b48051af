import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from './redis-server.ts'
import { processState } from './sandbox/process-state.ts'

describe('a Redis of its own', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ maxmemory: '64mb' })
  })
  afterAll(() => server.remove())

  test('accepts settings and keeps nothing on disk', async () => {
    await withClient(server.url, async (client) => {
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)])
      expect(await client.config('GET', 'save')).toEqual(['save', ''])
      expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no'])
      expect(await client.set('a', '1')).toBe('OK')
    })
  })

  test.each(['kill', 'stop'] as const)('comes back empty on the same port after %s', async (end) => {
    await withClient(server.url, (client) => client.set('a', '1'))
    const old = server.pid
    await server[end]()
    expect(processState(old)).toBe('gone')
    await expect(withClient(server.url, (client) => client.ping())).rejects.toThrow()

    await server.start()
    expect(server.pid).not.toBe(old)
    expect(await withClient(server.url, (client) => client.get('a'))).toBeNull()
    await expect(server.start()).rejects.toThrow('runs already')
  })

  test('does not answer while it is paused, and then continues', async () => {
    await withClient(server.url, async (client) => {
      await client.set('a', '1')
      await server.pause()
      const impatient = client.duplicate({ commandTimeout: 100, maxRetriesPerRequest: 0 })
      impatient.on('error', () => undefined)
      await expect(impatient.ping()).rejects.toThrow('timed out')
      impatient.disconnect()

      const answer = client.get('a')
      await server.resume()
      expect(await answer).toBe('1')
    })
  })
})

test('puts its password into the URL', async () => {
  const server = await startRedis({ requirepass: 'p@ss/word' })
  expect(await withClient(server.url, (client) => client.ping())).toBe('PONG')
  await expect(withClient(`redis://127.0.0.1:${server.port}`, (client) => client.ping())).rejects.toThrow(
    'NOAUTH',
  )
  await server.remove()
})

test('reports why it does not start', async () => {
  await expect(startRedis({ maxmemory: 'plenty' })).rejects.toThrow(/argument must be a memory value/)
})

async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}
