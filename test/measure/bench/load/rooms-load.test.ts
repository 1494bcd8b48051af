import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { NUMBERED_TEXT } from './numbered-frame.ts'
import { startProgram } from './program.ts'
import { openRoomsLoad } from './rooms-load.ts'
import type { RoomsPlan, Traffic } from './rooms-plan.ts'
import { messageFrame } from './v2-frames.ts'

const traffics: Traffic[] = [
  { mode: 'bursts', atOnce: 3 },
  { mode: 'in flight', count: 5 },
  { mode: 'paced', perSecond: 500 },
]

describe('the load of rooms', () => {
  test('receives each message once at each client of its room', async () => {
    using server = serve(1)
    const load = await openRoomsLoad({ ...rooms(server.port, 2, 3), processes: [] })
    for (const traffic of traffics) {
      const turn = await load.turn(traffic, 0.05)
      expect(turn.allSends).toBeGreaterThan(0)
      expect(turn.allDeliveries).toBe(turn.allSends * 3)
      expect(turn.deliveries).toBeLessThanOrEqual(turn.allDeliveries)
    }
    await load.close()
  })

  test('fails if a message arrives twice', async () => {
    using server = serve(2)
    const program = startProgram(join(import.meta.dir, 'rooms-main.ts'), 'ignore')
    await program.ask(rooms(server.port, 1, 2))
    const plan = { traffic: traffics[1], warmUpMs: 10, measureMs: 10 }
    await expect(program.ask(plan)).rejects.toThrow('has failed')
    await program.end()
  })
})

function rooms(port: number | undefined, count: number, clients: number): RoomsPlan {
  return {
    rooms: Array.from({ length: count }, (_, index) => ({
      urls: new Array<string>(clients).fill(`ws://127.0.0.1:${port}/${index}`),
      subscribe: null,
      frame: messageFrame(index + 1, NUMBERED_TEXT),
    })),
  }
}

/** Publishes each frame so many times. */
function serve(times: number) {
  return Bun.serve<string>({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, server) =>
      server.upgrade(request, { data: new URL(request.url).pathname })
        ? undefined
        : new Response(null, { status: 400 }),
    websocket: {
      open: (ws) => void ws.subscribe(ws.data),
      message(ws, frame) {
        for (let i = 0; i < times; i++) ws.publish(ws.data, frame)
        ws.send(frame)
      },
    },
  })
}
