// Why no socket opens: engines do not say, so the library asks by a request.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Client, createClient, ParleyError, type SignedIn } from '../../src/client/index.ts'
import { watchObstacles } from '../../src/client/link/obstacle.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { signUp } from './support/people.ts'

const disconnected = () => Promise.reject(new ParleyError('disconnected', 'The server was not reached'))

describe('behind a proxy that passes no upgrades on', () => {
  let app: TestApp
  let alice: SignedIn
  let proxy: ReturnType<typeof startBareProxy>
  let client: Client
  let isMended = false

  beforeAll(async () => {
    app = await startApp()
    alice = await signUp(app.url, 'alice')
    proxy = startBareProxy(app.url)
    class ThroughProxy extends WebSocket {
      constructor(url: string) {
        super(isMended ? url.replace(proxy.url.host, new URL(app.url).host) : url)
      }
    }
    client = createClient({
      url: proxy.url.origin,
      token: alice.token,
      random: () => 0,
      transports: ['socket'],
      WebSocket: ThroughProxy,
    })
  })
  afterAll(async () => {
    await client.close()
    await proxy.stop(true)
    await app.close()
  })

  test('the client says so, and REST works', async () => {
    const obstacle = await until(() => client.getSnapshot().obstacle, 'an obstacle')
    expect([obstacle.code, obstacle.retryable]).toEqual(['no_upgrade', true])
    expect(obstacle.message).toContain('proxy')
    expect((await client.api.me.get()).id).toBe(alice.user.id)
  })

  test('a connection ends the obstacle', async () => {
    isMended = true
    await until(() => client.status === 'live', 'the client to be live')
    expect(client.getSnapshot().obstacle).toBeNull()
  })
})

describe('what is told', () => {
  test('is nothing after one attempt, as when a server restarts', async () => {
    const { obstacles, told, asked } = watched(disconnected)
    obstacles.failed()
    expect([asked(), told]).toEqual([0, []])
  })

  test('is the same thing once, until it is over', async () => {
    const { obstacles, told, asked } = watched(disconnected)
    for (let attempt = 0; attempt < 4; attempt++) obstacles.failed()
    await until(() => told.length > 0, 'an obstacle')
    expect([asked(), told]).toEqual([3, ['disconnected']])
    obstacles.clear()
    obstacles.clear()
    expect(told).toEqual(['disconnected', null])
  })

  test('is nothing if a socket has opened before the answer', async () => {
    const answer = Promise.withResolvers<unknown>()
    const { obstacles, told } = watched(() => answer.promise)
    obstacles.failed()
    obstacles.failed()
    obstacles.clear()
    answer.resolve('late')
    await answer.promise
    expect(told).toEqual([])
  })

  test('is that something else answers', async () => {
    const { obstacles, told } = watched(() => Promise.resolve('<html>'))
    obstacles.failed()
    obstacles.failed()
    await until(() => told.length > 0, 'an obstacle')
    expect(told).toEqual(['bad_answer'])
  })
})

function watched(answer: () => Promise<unknown>) {
  const told: (string | null)[] = []
  let asked = 0
  const ask = () => {
    asked++
    return answer()
  }
  const obstacles = watchObstacles(ask, (obstacle) => void told.push(obstacle?.code ?? null))
  return { obstacles, told, asked: () => asked }
}

/** Passes requests on as HTTP wants it: without the headers that are of one connection. */
function startBareProxy(target: string) {
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname, search } = new URL(request.url)
      const headers = new Headers(request.headers)
      for (const name of ['connection', 'upgrade', 'host']) headers.delete(name)
      return fetch(`${target}${pathname}${search}`, { method: request.method, headers, body: request.body })
    },
  })
}
