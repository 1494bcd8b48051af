import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { ParleyError } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'

let rig: Rig

beforeEach(() => {
  rig = startRig()
})
afterEach(async () => {
  await rig.close()
})

describe('connecting', () => {
  test('says who it is with the first frame after hello, and never in the address', async () => {
    const client = rig.connect()
    expect(client.status).toBe('connecting')
    const peer = await rig.server.next()
    expect(new URL(peer.url).search).toBe('?identify=later&batch=1')
    expect(peer.frames).toEqual([])
    const auth = await peer.identify({ id: 4 })
    expect(auth).toMatchObject({ type: 'auth', token: 'secret' })
    await until(() => client.status === 'live', 'the client to be live')
    expect(client.getSnapshot()).toEqual({
      status: 'live',
      transport: 'socket',
      user: { id: 4, username: 'user4' },
      stopped: null,
      obstacle: null,
      unsent: 0,
    })
  })

  test('takes a token of whoever has one, and tries again where there is none', async () => {
    let asked = 0
    const client = rig.connect({
      token: async () => {
        asked++
        if (asked === 1) throw new Error('not now')
        return 'second'
      },
    })
    await until(() => client.status === 'offline', 'the first attempt to fail')
    expect(rig.server.count()).toBe(0)
    rig.clock.advance(250)
    const peer = await rig.server.next()
    expect(await peer.identify()).toMatchObject({ token: 'second' })
  })

  test('does not wait for ever for whoever has one', async () => {
    let asked = 0
    const client = rig.connect({ token: () => (++asked === 1 ? new Promise(() => undefined) : 'second') })
    rig.clock.advance(10_000)
    await until(() => client.status === 'offline', 'the first attempt to be given up')
    rig.clock.advance(250)
    expect(await (await rig.server.next()).identify()).toMatchObject({ token: 'second' })
  })

  test('does not try again where the token is refused for good', async () => {
    const client = rig.connect({
      token: () => {
        throw new ParleyError('unauthenticated', 'signed out')
      },
    })
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(client.getSnapshot().stopped).toEqual({
      reason: 'unauthenticated',
      code: null,
      message: 'signed out',
    })
  })

  test('begins anew where there is no greeting in time', async () => {
    const client = rig.connect()
    await rig.server.next()
    rig.clock.advance(10_000)
    expect(client.status).toBe('offline')
    rig.clock.advance(250)
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })

  test('refuses an address that is none', () => {
    expect(() => rig.connect({ url: 'chat.example.com' })).toThrow(TypeError)
    expect(() => rig.connect({ url: 'ftp://chat.example.com' })).toThrow(TypeError)
  })
})

test('stops where the engine lets it open no socket', async () => {
  const Forbidden = new Proxy(WebSocket, {
    construct() {
      throw new Error('insecure')
    },
  })
  const client = rig.connect({ WebSocket: Forbidden })
  await until(() => client.status === 'stopped', 'the client to stop')
  expect(client.getSnapshot().stopped).toEqual({ reason: 'refused', code: null, message: 'Error: insecure' })
})

describe('a connection', () => {
  test('is asked for after one and a half heartbeats of silence, and left after two', async () => {
    const client = rig.connect()
    const peer = await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
    rig.clock.advance(29_999)
    expect(peer.frames.filter(({ type }) => type === 'ping')).toEqual([])
    rig.clock.advance(1)
    await peer.take('ping')
    rig.clock.advance(9999)
    expect(client.status).toBe('live')
    rig.clock.advance(1)
    expect(client.status).toBe('offline')
    await until(() => peer.isClosed(), 'the socket to be closed')
  })

  test('lives as long as anything comes', async () => {
    const client = rig.connect()
    const peer = await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
    for (let i = 1; i <= 3; i++) {
      rig.clock.advance(30_000)
      await peer.take('ping')
      peer.sendText('{"type":"of another time"}')
      peer.sendText('not even JSON')
      await until(
        () => rig.logged.filter((line) => line.includes('could not be read')).length === i,
        'the frame',
      )
    }
    expect(client.status).toBe('live')
  })

  test('is found dead at once where the network has changed', async () => {
    const network = new EventTarget()
    const client = rig.connect({ network })
    const peer = await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
    network.dispatchEvent(new Event('online'))
    await peer.take('ping')
    rig.clock.advance(5000)
    expect(client.status).toBe('offline')
    network.dispatchEvent(new Event('online'))
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })

  test.each(['online', 'focus', 'pageshow', 'visibilitychange'])(
    'that waits to come back is made at once on %s',
    async (type) => {
      const network = Object.assign(new EventTarget(), { document: { visibilityState: 'visible' } })
      const client = rig.connect({ network, random: () => 0.999 })
      for (let failures = 0; failures < 8; failures++) {
        const peer = await rig.server.next()
        peer.greet()
        peer.cut()
        await until(() => client.status === 'offline', 'the loss to be noticed')
        if (failures < 7) rig.clock.advance(30_000)
      }
      expect(rig.clock.waits()[0]).toBeGreaterThan(29_000)
      network.dispatchEvent(new Event(type))
      await rig.server.nextIdentified()
      await until(() => client.status === 'live', 'the client to be live')
    },
  )

  test('that waits to come back goes on waiting while the page is hidden', async () => {
    const network = Object.assign(new EventTarget(), { document: { visibilityState: 'hidden' } })
    const client = rig.connect({ network })
    ;(await rig.server.next()).cut()
    await until(() => client.status === 'offline', 'the loss to be noticed')
    const waits = rig.clock.waits()
    network.dispatchEvent(new Event('visibilitychange'))
    expect(client.status).toBe('offline')
    expect(rig.clock.waits()).toEqual(waits)
  })

  test('is not made before the server wants it, whoever looks again', async () => {
    const network = new EventTarget()
    const client = rig.connect({ network, random: () => 0.5 })
    const peer = await rig.server.next()
    peer.greet()
    peer.refuse(await peer.take('auth'), { code: 'overloaded', retryable: true, retry_after_ms: 4000 })
    await until(() => client.status === 'offline', 'the refusal')
    expect(rig.clock.waits()).toEqual([4250])
    network.dispatchEvent(new Event('focus'))
    expect(rig.clock.waits()).toEqual([4000])
    rig.clock.advance(4000)
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })

  test('stays offline when told to, whatever the network does', async () => {
    const network = new EventTarget()
    const client = rig.connect({ network })
    const peer = await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
    client.disconnect()
    expect(client.status).toBe('offline')
    await until(() => peer.isClosed(), 'the socket to be closed')
    network.dispatchEvent(new Event('online'))
    expect(rig.clock.waits()).toEqual([])
    client.connect()
    await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client to be live')
  })
})

test('nobody hears of a client that is closed', async () => {
  const client = rig.connect()
  await rig.server.nextIdentified()
  await until(() => client.status === 'live', 'the client to be live')
  await client.close()
  expect(client.getSnapshot().stopped?.reason).toBe('closed')
  client.connect()
  expect(client.status).toBe('stopped')
  expect(rig.clock.waits()).toEqual([])
})
