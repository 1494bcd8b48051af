import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../package.json'
import { peakMemory } from '../api/across/support/process-memory.ts'
import { startParley } from '../support/parley-process.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { startRedis } from '../support/redis-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { refusal } from './refusal.ts'
import { createClients } from './v1-client.ts'
import { createRoom, createUser, postMessage, readHistory } from './v1-rest.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await sharedPostgres()
})

describe('a failed start says why in one line', () => {
  test.concurrent.each([
    [{ PORT: 'http' }, 'PORT must be an integer from 0 to 65535, but is "http"'],
    [
      { SEND_QUEUE_LIMIT: '0' },
      'SEND_QUEUE_LIMIT must be an integer from 1 to 1000000 (messages), but is "0"',
    ],
    [
      { SOCKET_PING_MS: '5000', SOCKET_PONG_DEADLINE_MS: '5000' },
      'SOCKET_PONG_DEADLINE_MS must be more than SOCKET_PING_MS (5000), but is 5000',
    ],
  ])('%j', async (settings, line) => {
    expect(await refusal(settings)).toBe(`parley: ${line}`)
  })
})

test.concurrent('the start line has the addresses, the version, the database and Redis', async () => {
  const database = new URL(await server.createDatabase())
  database.password = 'pa55word'
  const redis = await startRedis({ requirepass: 'secret' })
  const parley = await startParley({ DATABASE_URL: database.href, REDIS_URL: redis.url, ALLOW_GUEST: 'true' })
  const lines = parley.output().split('\n')
  const ready = lines.find((line) => line.includes('"msg":"ready"')) ?? ''
  const [address = 'none'] = /http:\/\/127\.0\.0\.1:\d+/.exec(ready) ?? []
  expect(address).toBe(parley.url)
  expect((await fetch(`${address}/readyz`)).status).toBe(200)
  expect(JSON.parse(ready)).toMatchObject({
    version: manifest.version,
    mode: 'development',
    database: `postgres://127.0.0.1:${server.port}${database.pathname}`,
    redis: `redis://127.0.0.1:${redis.port}`,
  })
  expect(lines.filter((line) => line.includes('ALLOW_GUEST ') && line.includes('ALLOW_GUESTS'))).toHaveLength(
    1,
  )
  for (const secret of ['pa55word', 'secret']) expect(parley.output()).not.toContain(secret)
  await parley.remove()
  await redis.remove()
})

describe('with the embedded database', () => {
  let dataDir: string
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-start-'))
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  test('the folder is created, reused, and locked against other processes', async () => {
    const settings = { DATA_DIR: join(dataDir, 'not there/yet') }
    const text = 'still here'
    const { room, peakBytes } = await firstStart(settings, text)
    expect(peakBytes).toBeLessThan(400 * 2 ** 20)
    const parley = await startParley(settings)
    expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
    expect((await readHistory(parley, room)).map(({ content }) => content)).toEqual([text])

    const inUse = `DATA_DIR: ${settings.DATA_DIR} is in use by another server`
    expect(await refusal(settings)).toStartWith(`parley: ${inUse}`)
    expect(await refusal(settings, 'migrate.ts')).toStartWith(inUse)

    const user = await createUser(parley, 'ann')
    const socket = await createClients().connect(parley, { room, user })
    expect(socket.viewing.messages.map(({ content }) => content)).toEqual([text])
    expect(await parley.stop()).toBe(0)
    expect(await socket.closed).toBe(1012)
    await parley.remove()
  })
})

/**
 * Starts a server that has to create its data folder, posts a message, and stops it in good order.
 * @returns the message's room, and the most memory that the server held until then, in bytes
 */
async function firstStart(
  settings: Record<string, string>,
  text: string,
): Promise<{ room: string; peakBytes: number }> {
  const parley = await startParley(settings)
  expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
  const room = await createRoom(parley, 'first')
  await postMessage(parley, { room, user: await createUser(parley, 'first') }, text)
  const peakBytes = await peakMemory(parley.pid)
  expect(await parley.stop()).toBe(0)
  await parley.remove()
  return { room, peakBytes }
}
