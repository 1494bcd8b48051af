import { beforeEach, describe, expect, test } from 'bun:test'
import { settled } from './fakes/clock.ts'
import { GATHERED, GRACE, PresenceRig } from './fakes/presence-rig.ts'
import { id, room, seq, userRef } from './fakes/values.ts'

let rig: PresenceRig

beforeEach(() => {
  rig = new PresenceRig()
})

describe('an arrival', () => {
  test('is announced to the user’s rooms once, however many connections there are', async () => {
    rig.store.rooms.set(1, [7, 8])
    rig.connect(1, 1)
    await rig.clock.advance(GATHERED)
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    expect(rig.published).toEqual([
      { type: 'presence', user: userRef(1), online: true, lastSeen: null, rooms: [id(7), id(8)] },
    ])
    expect(rig.store.touched).toEqual([])
  })

  test('of many users together is announced in order, after one query', async () => {
    rig.connect(3, 1)
    await rig.clock.advance(GATHERED - 1)
    rig.connect(2)
    expect(rig.nodes.calls).toEqual([])
    await rig.clock.advance(1)
    expect(rig.heard()).toEqual(['+3', '+1', '+2'])
    expect(rig.store.asked).toEqual([[3, 1, 2]])
  })

  test('of very many users is announced in batches, one after another', async () => {
    const users = Array.from({ length: 1200 }, (_, i) => i + 1)
    rig.connect(...users)
    await rig.clock.advance(GATHERED)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(users.map((user) => `+${user}`))
    expect(rig.store.asked.map((batch) => batch.length)).toEqual([500, 500, 200])
  })

  test('is not announced if the user is online elsewhere, or has no room to announce it in', async () => {
    rig.nodes.elsewhere.add(1)
    rig.store.rooms.set(2, [])
    rig.connect(1, 2)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual([])
    expect(rig.nodes.here).toEqual(new Set([1, 2]))
    expect(rig.store.asked).toEqual([[2]])
  })
})

describe('a departure', () => {
  test('is announced after the grace period, and stored with the time the last connection closed', async () => {
    rig.connect(1, 1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.disconnect(1)
    await rig.clock.advance(2 * GRACE)
    rig.disconnect(1)
    const closedAt = new Date(rig.clock.now())
    await rig.clock.advance(GRACE + GATHERED - 1)
    expect([rig.heard(), rig.store.touched]).toEqual([[], []])
    await rig.clock.advance(1)
    expect(rig.published).toEqual([
      { type: 'presence', user: userRef(1), online: false, lastSeen: closedAt, rooms: [id(101)] },
    ])
    expect(rig.store.touched).toEqual([[{ user: id(1), agoMs: GRACE + GATHERED }]])
    expect(rig.clock.pending).toBe(0)
  })

  test('of several users is announced for each in time, those close together at once', async () => {
    rig.connect(1, 2, 3)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.disconnect(2)
    await rig.clock.advance(20)
    rig.disconnect(3)
    await rig.clock.advance(5000)
    rig.disconnect(1)
    await rig.clock.advance(5030)
    expect(rig.heard()).toEqual(['-2', '-3'])
    expect(rig.store.touched).toHaveLength(1)
    await rig.clock.advance(5020)
    expect(rig.heard()).toEqual(['-1'])
    expect(rig.store.touched).toHaveLength(2)
  })

  test('is neither announced nor stored while the user is online elsewhere', async () => {
    rig.nodes.elsewhere.add(1)
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE + GATHERED)
    expect(rig.nodes.calls).toEqual(['arrive 1', 'depart 1'])
    expect([rig.heard(), rig.store.touched]).toEqual([[], []])
  })

  test('of a user without a room to announce it in is stored', async () => {
    rig.store.rooms.set(1, [])
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE + GATHERED)
    expect(rig.heard()).toEqual([])
    expect(rig.store.touched).toHaveLength(1)
  })

  test('of a user who was not there does nothing', async () => {
    rig.disconnect(1)
    rig.connect(2)
    rig.disconnect(2, 2)
    rig.connect(2)
    await rig.clock.advance(GATHERED + GRACE)
    expect(rig.heard()).toEqual(['+2'])
    expect(await rig.online(1, 2)).toEqual([2])
  })
})

describe('a return', () => {
  test('within the grace period is not announced, however often it happens', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    for (let i = 0; i < 20; i++) {
      rig.disconnect(1)
      await rig.clock.advance(GRACE - 1)
      rig.connect(1)
      await rig.clock.advance(GRACE - 1)
    }
    expect([rig.heard(), rig.store.touched]).toEqual([[], []])
    expect(rig.nodes.calls).toEqual(['arrive 1'])
    rig.disconnect(1)
    await rig.clock.advance(GRACE + GATHERED)
    expect(rig.heard()).toEqual(['-1'])
  })

  test('just after it, but before the announcement, is not announced either', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.disconnect(1)
    await rig.clock.advance(GRACE + 1)
    rig.connect(1)
    await rig.clock.advance(2 * GRACE)
    expect(rig.heard()).toEqual([])
    expect(await rig.online(1)).toEqual([1])
  })

  test('after it is announced again', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE + GATHERED)
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['+1', '-1', '+1'])
  })

  test('while the departure is being shared is announced after it', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    rig.nodes.before = (call) => {
      if (call === 'depart 1') rig.connect(1)
    }
    await rig.clock.advance(GRACE + GATHERED)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['+1', '-1', '+1'])
    expect([...rig.nodes.here]).toEqual([1])
    expect(await rig.online(1)).toEqual([1])
  })
})

describe('without a grace period', () => {
  beforeEach(() => {
    rig = new PresenceRig({ grace: 0 })
  })

  test('a departure is announced with the next batch', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['+1', '-1'])
  })

  test('a user who leaves before the announcement is stored as seen, and not announced', async () => {
    rig.connect(1)
    rig.disconnect(1)
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual([])
    expect(rig.store.touched).toEqual([[{ user: id(1), agoMs: GATHERED }]])
    expect(rig.nodes.calls).toEqual([])
  })
})

describe('the online users', () => {
  test('are those connected here, until the end of their grace period, or elsewhere', async () => {
    rig.nodes.elsewhere.add(3)
    rig.connect(1)
    expect(await rig.online(4, 3, 2, 1)).toEqual([3, 1])
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE - 1)
    expect(await rig.online(1, 2)).toEqual([1])
    await rig.clock.advance(1 + GATHERED)
    expect(await rig.online(1, 2)).toEqual([])
  })

  test('in a room are its online members', async () => {
    rig.store.members = [1, 2, 3]
    rig.nodes.elsewhere.add(3).add(4)
    rig.connect(1)
    const small = room({ memberCount: 3, lastSeq: seq(3) })
    expect(await rig.presence.inRoom(small)).toEqual({ online: [id(1), id(3)], count: 2 })
    rig.store.members = []
    expect(await rig.presence.inRoom(room({ memberCount: 0 }))).toEqual({ online: [], count: 0 })
  })

  test('in a room past the list limit are a count', async () => {
    rig.store.members = [1, 2, 3, 4]
    rig.nodes.connected = 17
    expect(await rig.presence.inRoom(room({ memberCount: 4 }))).toEqual({ online: null, count: 17 })
  })
})

describe('joining', () => {
  const joined = room({ memberCount: 3 })

  test('is announced to the room if the user is here, in the grace period, or on another node', async () => {
    rig.connect(1, 2)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.disconnect(2)
    rig.nodes.elsewhere.add(3)
    rig.presence.joined(userRef(1), joined)
    const [told] = rig.published
    expect(told).toEqual({
      type: 'presence',
      user: userRef(1),
      online: true,
      lastSeen: null,
      rooms: [joined.id],
    })
    rig.presence.joined(userRef(2), joined)
    rig.presence.joined(userRef(3), joined)
    await settled()
    expect(rig.heard()).toEqual(['+1', '+2', '+3'])
  })

  test('is not announced for offline users, nor in a room past the list limit', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.presence.joined(userRef(4), joined)
    rig.presence.joined(userRef(1), room({ memberCount: 4 }))
    await settled()
    expect(rig.heard()).toEqual([])
  })
})

test('changes during an announcement wait for the next batch', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  rig.store.before = () => promise
  rig.connect(1)
  await rig.clock.advance(GATHERED)
  rig.connect(2, 3)
  await rig.clock.advance(10 * GATHERED)
  expect(rig.nodes.calls).toEqual(['arrive 1'])
  resolve()
  await settled()
  expect(rig.heard()).toEqual(['+1'])
  await rig.clock.advance(GATHERED)
  expect(rig.heard()).toEqual(['+2', '+3'])
  expect(rig.store.asked).toEqual([[1], [2, 3]])
})
