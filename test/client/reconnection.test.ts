import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'

let rig: Rig

beforeEach(() => {
  rig = startRig()
})
afterEach(async () => {
  await rig.close()
})

describe('coming back', () => {
  test('waits longer from one failure to the next, up to half a minute', async () => {
    const client = rig.connect({ random: () => 0.999999 })
    for (const bound of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const peer = await rig.server.next()
      // Otherwise the client asks what is in the way, and waits for that as well.
      peer.greet()
      peer.cut()
      await until(() => client.status === 'offline', 'the loss to be noticed')
      const [wait = 0] = rig.clock.waits()
      expect(wait).toBeGreaterThan(bound * 0.99)
      expect(wait).toBeLessThanOrEqual(bound)
      rig.clock.advance(bound)
    }
  })

  test('begins with short delays again after a connection that has lasted', async () => {
    const client = rig.connect()
    for (const [i, expected] of [250, 500, 1000, 250].entries()) {
      const peer = await rig.server.nextIdentified()
      await until(() => client.status === 'live', 'the client to be live')
      if (i === 3) rig.clock.advance(10_000)
      peer.cut()
      await until(() => client.status === 'offline', 'the loss to be noticed')
      expect(rig.clock.waits()).toEqual([expected])
      rig.clock.advance(expected)
    }
  })

  test('takes the delay of a server that stops in place of its own', async () => {
    const client = rig.connect()
    const peer = await rig.server.nextIdentified()
    peer.send({ type: 'going_away', reconnect_after_ms: 7777 })
    peer.close(1012)
    await until(() => client.status === 'offline', 'the loss to be noticed')
    expect(rig.clock.waits()).toEqual([7777])
    rig.clock.advance(7777)
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })

  test.each([1000, 1001, 1011, 1012, 1013, 4000, 4499])('comes back after %d', async (code) => {
    const client = rig.connect()
    const peer = await rig.server.nextIdentified()
    peer.close(code)
    await until(() => client.status === 'offline', 'the loss to be noticed')
    rig.clock.advance(500)
    await rig.server.next()
  })

  test.each([
    [1002, 'refused'],
    [1003, 'refused'],
    [1007, 'refused'],
    [1008, 'unauthenticated'],
    [1009, 'refused'],
    [4500, 'unauthenticated'],
    [4501, 'refused'],
    [4999, 'refused'],
  ] as const)('stops after %d: %s', async (code, reason) => {
    const client = rig.connect()
    const told: unknown[] = []
    client.on('stopped', (stopped) => told.push(stopped))
    const peer = await rig.server.nextIdentified()
    peer.close(code, 'because')
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(told).toEqual([{ reason, code, message: 'because' }])
    expect(rig.clock.waits()).toEqual([])
    // Somebody has signed in again.
    client.connect()
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })

  test('stops where the server does not take the token', async () => {
    const client = rig.connect()
    const peer = await rig.server.next()
    peer.greet()
    peer.refuse(await peer.take('auth'), { code: 'unauthenticated', message: 'wrong' })
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(client.getSnapshot().stopped).toEqual({ reason: 'unauthenticated', code: null, message: 'wrong' })
  })

  test('comes back where the server cannot tell who that is', async () => {
    const client = rig.connect()
    const peer = await rig.server.next()
    peer.greet()
    peer.refuse(await peer.take('auth'), { code: 'unavailable', retryable: true, retry_after_ms: 3000 })
    await until(() => client.status === 'offline', 'the attempt to fail')
    expect(rig.clock.waits()).toEqual([3250])
  })

  test('goes on with another token, and stops at the same one', async () => {
    const tokens = ['first', 'second', 'second']
    const client = rig.connect({ token: () => tokens.shift() ?? 'none' })
    const first = await rig.server.nextIdentified()
    first.close(1008, 'expired')
    await until(() => client.status === 'offline', 'the loss to be noticed')
    rig.clock.advance(250)
    const second = await rig.server.next()
    expect(await second.identify()).toMatchObject({ token: 'second' })
    await until(() => client.status === 'live', 'the client to be live')
    second.close(1008, 'revoked')
    await until(() => client.status === 'offline', 'the loss to be noticed')
    rig.clock.advance(500)
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(rig.server.count()).toBe(2)
  })

  test('gives up after three tokens that the server refuses', async () => {
    let asked = 0
    const client = rig.connect({ token: () => `token ${asked++}` })
    for (let i = 0; i < 3; i++) {
      const peer = await rig.server.next()
      peer.greet()
      peer.refuse(await peer.take('auth'), { code: 'unauthenticated' })
      await until(() => client.status !== 'connecting', 'the attempt to fail')
      rig.clock.advance(2000)
    }
    await until(() => client.status === 'stopped', 'the client to stop')
  })
})

test('who connects on hearing of a loss makes one connection', async () => {
  const client = rig.connect()
  client.on('status', (status) => {
    if (status === 'offline') client.connect()
  })
  const peer = await rig.server.nextIdentified()
  await until(() => client.status === 'live', 'the client to be live')
  peer.cut()
  await rig.server.nextIdentified()
  await until(() => client.status === 'live', 'the client to be live again')
  rig.clock.advance(20_000)
  expect(client.status).toBe('live')
  expect(rig.clock.waits()).toEqual([10_000])
  expect(rig.server.count()).toBe(2)
})
