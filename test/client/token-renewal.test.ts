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

describe('a token', () => {
  test('is renewed in place before it ends', async () => {
    let asked = 0
    const client = rig.connect({ token: () => `token ${++asked}` })
    const peer = await rig.server.nextIdentified({ expiresInMs: 600_000, hello: { heartbeat_ms: 1_000_000 } })
    await until(() => client.status === 'live', 'the client to be live')
    rig.clock.advance(540_000)
    const auth = await peer.take('auth')
    expect(auth.token).toBe('token 2')
    peer.answer(auth, { user: { id: 1, username: 'user1' }, expires_in_ms: 100_000 })
    await until(() => rig.clock.waits().includes(75_000), 'the next renewal to be planned')
    expect(client.status).toBe('live')
    expect(rig.server.count()).toBe(1)
  })

  test('is asked for again, sooner each time, where there is none', async () => {
    let asked = 0
    const client = rig.connect({
      token: () => {
        if (++asked > 1) throw new Error('not now')
        return 'first'
      },
    })
    await rig.server.nextIdentified({ expiresInMs: 100_000, hello: { heartbeat_ms: 1_000_000 } })
    await until(() => client.status === 'live', 'the client to be live')
    for (const [i, wait] of [75_000, 18_750, 4687.5].entries()) {
      expect(rig.clock.waits()).toContain(wait)
      rig.clock.advance(wait)
      await until(
        () => rig.logged.filter((line) => line.includes('refreshed')).length === i + 1,
        'the failure',
      )
    }
    expect(client.status).toBe('live')
  })

  test('that never changes is not renewed', async () => {
    const client = rig.connect()
    await rig.server.nextIdentified({ expiresInMs: 1000, hello: { heartbeat_ms: 1_000_000 } })
    await until(() => client.status === 'live', 'the client to be live')
    expect(rig.clock.waits()).toEqual([1_500_000])
  })
})
