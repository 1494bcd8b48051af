import { beforeEach, describe, expect, test } from 'bun:test'
import { GATHERED, GRACE, PresenceRig } from './fakes/presence-rig.ts'
import { userRef } from './fakes/values.ts'

let rig: PresenceRig

beforeEach(() => {
  rig = new PresenceRig()
})

describe('when another node has died', () => {
  test('users who were only there are announced as offline, and last seen now', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.presence.lost([1, 2, 3].map(userRef))
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['-2', '-3'])
    expect(rig.store.touched.at(-1)?.map(({ user }) => Number(user))).toEqual([2, 3])
  })
})

describe('when this node was declared dead', () => {
  test('its users are announced again, if no other node has them', async () => {
    rig.connect(1, 2, 3)
    await rig.clock.advance(GATHERED)
    rig.disconnect(2)
    rig.heard()
    rig.nodes.elsewhere.add(3)
    rig.presence.retell()
    await rig.clock.advance(GATHERED)
    // The second one lingers: they are online still.
    expect(rig.heard()).toEqual(['+1', '+2'])
    expect(rig.nodes.here).toEqual(new Set([1, 2, 3]))
  })

  test('users who leave before that are announced as offline', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE - 1)
    rig.heard()
    rig.presence.retell()
    await rig.clock.advance(2 * GATHERED)
    expect([rig.nodes.here, rig.heard().at(-1)]).toEqual([new Set(), '-1'])
  })

  test('nothing is announced without connected users', async () => {
    rig.presence.retell()
    await rig.clock.advance(GATHERED)
    expect([rig.heard(), rig.clock.pending]).toEqual([[], 0])
  })
})
