import { beforeEach, describe, expect, test } from 'bun:test'
import { away, GATHERED, GRACE, PresenceRig, RETRIED } from './fakes/presence-rig.ts'
import { id } from './fakes/values.ts'

let rig: PresenceRig

beforeEach(() => {
  rig = new PresenceRig()
})

describe('while the store is unavailable', () => {
  test('announcements wait until it is back, with one report', async () => {
    rig.store.before = fail
    rig.connect(1, 2)
    await rig.clock.advance(GATHERED)
    rig.disconnect(2)
    const lastSeen = new Date(rig.clock.now())
    await rig.clock.advance(GRACE + 10 * RETRIED)
    expect(rig.heard()).toEqual([])
    expect(rig.faults).toEqual([away()])
    rig.store.before = () => undefined
    await rig.clock.advance(RETRIED)
    expect(rig.published.at(-1)).toMatchObject({ user: { id: 2 }, online: false, lastSeen })
    expect(rig.heard()).toEqual(['+1', '-2'])
    expect(rig.clock.pending).toBe(0)
  })

  test('a later outage is reported anew', async () => {
    for (const user of [1, 2]) {
      rig.store.before = fail
      rig.connect(user)
      await rig.clock.advance(GATHERED)
      rig.store.before = () => undefined
      await rig.clock.advance(RETRIED)
    }
    expect(rig.heard()).toEqual(['+1', '+2'])
    expect(rig.faults).toHaveLength(2)
  })

  test('only the latest of each user is kept, and past the limit the oldest are dropped', async () => {
    rig.store.before = fail
    const users = Array.from({ length: 10_001 }, (_, i) => i + 1)
    rig.connect(...users)
    // A batch each time.
    await rig.clock.advance(30 * RETRIED)
    rig.disconnect(3)
    await rig.clock.advance(GRACE + 2 * RETRIED)
    rig.connect(3)
    await rig.clock.advance(2 * RETRIED)
    rig.store.before = () => undefined
    await rig.clock.advance(2 * RETRIED)
    const heard = rig.heard()
    expect(heard).toHaveLength(10_000)
    expect(heard).not.toContain('+1')
    expect(heard.at(-1)).toBe('+3')
  })
})

test('an announcement that the store refuses for good is reported and dropped, and the rest continues', async () => {
  rig.store.before = () => {
    throw new TypeError('a fault')
  }
  rig.connect(1)
  await rig.clock.advance(GATHERED)
  expect(rig.faults).toEqual([new TypeError('a fault')])
  rig.store.before = () => undefined
  rig.connect(2)
  await rig.clock.advance(RETRIED)
  expect(rig.heard()).toEqual(['+2'])
})

describe('while the shared presence is unavailable', () => {
  test('arrivals are announced once it is back', async () => {
    rig.nodes.before = fail
    rig.connect(1)
    await rig.clock.advance(10 * RETRIED)
    expect(rig.heard()).toEqual([])
    expect(rig.faults).toEqual([away()])
    expect(await rig.online(1)).toEqual([1])
    rig.nodes.before = () => undefined
    await rig.clock.advance(RETRIED)
    expect(rig.heard()).toEqual(['+1'])
    expect(rig.clock.pending).toBe(0)
  })

  test('a failing one delays nobody else', async () => {
    rig.nodes.before = (call) => (call === 'arrive 2' ? fail() : undefined)
    rig.connect(1, 2, 3)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['+1', '+3'])
    rig.nodes.before = () => undefined
    await rig.clock.advance(RETRIED)
    expect(rig.heard()).toEqual(['+2'])
  })

  test('departures are announced then, and users who came and went are only stored', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.nodes.before = fail
    rig.disconnect(1)
    rig.connect(2)
    await rig.clock.advance(RETRIED)
    rig.disconnect(2)
    await rig.clock.advance(2 * GRACE)
    expect(rig.heard()).toEqual([])
    rig.nodes.before = () => undefined
    await rig.clock.advance(RETRIED)
    expect(rig.heard()).toEqual(['-1'])
    expect(
      rig.store.touched
        .flat()
        .map(({ user }) => user)
        .toSorted(),
    ).toEqual([id(1), id(2)])
    expect(rig.nodes.here).toEqual(new Set())
  })
})

describe('at the end', () => {
  test('all users go offline at once, and are stored with the time their last connection closed', async () => {
    rig.connect(1, 2, 3)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.disconnect(2)
    await rig.clock.advance(1000)
    rig.connect(4)
    await rig.presence.close()
    expect(rig.heard()).toEqual(['-1', '-2', '-3'])
    expect(rig.nodes.here).toEqual(new Set())
    expect(rig.store.touched.flat().toSorted((a, b) => a.user - b.user)).toEqual([
      { user: id(1), agoMs: 0 },
      { user: id(2), agoMs: 1000 },
      { user: id(3), agoMs: 0 },
      { user: id(4), agoMs: 0 },
    ])
    expect(rig.clock.pending).toBe(0)
  })

  test('with very many users all are announced', async () => {
    const users = Array.from({ length: 12_000 }, (_, i) => i + 1)
    rig.connect(...users)
    await rig.clock.advance(GATHERED)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toHaveLength(12_000)
    await rig.presence.close()
    expect(rig.heard()).toEqual(users.map((user) => `-${user}`))
    expect(rig.store.touched.flat()).toHaveLength(12_000)
  })

  test('it waits for announcements under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    rig.store.before = () => promise
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    const closing = rig.presence.close()
    resolve()
    await closing
    expect(rig.heard()).toEqual(['+1', '-1'])
  })

  test('with the store unavailable the other nodes are still notified, and the rest is dropped', async () => {
    const users = Array.from({ length: 600 }, (_, i) => i + 1)
    rig.connect(...users)
    await rig.clock.advance(2 * GATHERED)
    rig.heard()
    rig.store.before = fail
    await rig.presence.close()
    expect(rig.nodes.here).toEqual(new Set())
    expect(rig.faults).toEqual([away()])
    expect(rig.clock.pending).toBe(0)
  })

  test('with the shared presence unavailable it still ends', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.connect(2)
    rig.nodes.before = fail
    await rig.presence.close()
    expect(rig.faults).toEqual([away()])
    expect(rig.store.touched.flat()).toEqual([{ user: id(2), agoMs: 0 }])
    expect(rig.clock.pending).toBe(0)
  })

  test('nobody arrives or leaves after it', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    await rig.presence.close()
    rig.heard()
    rig.connect(1, 2)
    rig.disconnect(1)
    await rig.clock.advance(2 * GRACE)
    expect(rig.heard()).toEqual([])
    expect(rig.clock.pending).toBe(0)
  })
})

function fail(): never {
  throw away()
}
