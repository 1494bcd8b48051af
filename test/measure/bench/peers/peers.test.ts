import { describe, expect, test } from 'bun:test'
import { drive } from '../load/drive.ts'
import { elysia, socketIo, ws } from './node-and-bun.ts'

describe('every client gets every message once, of', () => {
  // Or else the load, which counts them, would fail. It goes on only if clients know their own messages again.
  test.concurrent.each([socketIo, ws, elysia])('$name', async (peer) => {
    const running = await peer.start(4)
    try {
      const turn = await drive(running, 'raw', 2, 0.2, 100)
      expect(turn.value).toBeGreaterThan(0)
      expect(running.version).toMatch(/^\d+\.\d+\.\d+, (Node|Bun) \d+\.\d+\.\d+$/)
    } finally {
      await running.remove()
    }
  })
})
