import { describe, expect, test } from 'bun:test'
import { drive } from './drive.ts'
import { parleyTargets } from './parley-targets.ts'

const CLIENTS = 4

describe('the load of one room', () => {
  // The load fails unless every client gets every number once, and the sender each answer.
  test('reaches a real server through each contract, with one request in a frame and with several', async () => {
    const parley = await parleyTargets(CLIENTS, null)
    for (const contract of ['v1', 'v2', 'v2Batched'] as const) {
      const target = await parley[contract]()
      for (const client of ['raw', 'standard'] as const) {
        const turn = await drive(target, client, 5, 0.1, 50)
        // The rate of so short a turn may be nothing on a busy machine; what a delivery cost is known once there was one.
        expect(turn.cpu.load).toSatisfy(Number.isFinite)
      }
    }
    await parley.remove()
  })
})
