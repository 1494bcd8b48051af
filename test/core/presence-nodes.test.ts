import { beforeEach, describe, expect, test } from 'bun:test'
import { GATHERED, GRACE, PresenceRig } from './fakes/presence-rig.ts'
import { userRef } from './fakes/values.ts'

let rig: PresenceRig

beforeEach(() => {
  rig = new PresenceRig()
})

describe('when another node has died', () => {
  test('who was there alone is told to be offline, and was seen until now', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.heard()
    rig.presence.lost([1, 2, 3].map(userRef))
    await rig.clock.advance(GATHERED)
    expect(rig.heard()).toEqual(['-2', '-3'])
    expect(rig.store.touched.at(-1)?.map(({ user }) => Number(user))).toEqual([2, 3])
  })
})

describe('when this node was taken for dead', () => {
  test('who is here is told anew, where nobody else has them', async () => {
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

  test('who goes before that is told of goes all the same', async () => {
    rig.connect(1)
    await rig.clock.advance(GATHERED)
    rig.disconnect(1)
    await rig.clock.advance(GRACE - 1)
    rig.heard()
    rig.presence.retell()
    await rig.clock.advance(2 * GATHERED)
    expect([rig.nodes.here, rig.heard().at(-1)]).toEqual([new Set(), '-1'])
  })

  test('and nothing is told where nobody is here', async () => {
    rig.presence.retell()
    await rig.clock.advance(GATHERED)
    expect([rig.heard(), rig.clock.pending]).toEqual([[], 0])
  })
})
