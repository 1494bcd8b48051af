import { expect, test } from 'bun:test'
import { startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { judge } from './oracle.ts'
import { createTalk } from './talk.ts'
import { unlimited } from './unlimited.ts'
import { createRoom, createUser, readHistory } from './v1-rest.ts'

test('SIGTERM under continuous load flushes sends, closes with 1012, and exits with 0', async () => {
  const settings = { ...unlimited, DATABASE_URL: await createMigratedDatabase() }
  const parley = await startParley(settings)
  const rooms = [await createRoom(parley, 'hall'), await createRoom(parley, 'den')]
  const names = Array.from({ length: 9 }, (_, index) => `user${index}`)
  const talk = createTalk(rooms, await Promise.all(names.map((name) => createUser(parley, name))))
  const slow = await connectSlowly(parley.port)
  const { sockets, go } = await talk.settle(parley)
  const gone = go(Number.POSITIVE_INFINITY)
  await until(() => talk.acked() >= 100, 'the talk to be lively')

  // The exit code would be 1 had the deadline passed.
  expect(await parley.stop()).toBe(0)
  await gone
  const codes = await Promise.all(sockets.map(({ closed }) => closed))
  expect(codes).toEqual(sockets.map(() => 1012))
  await slow.ended
  const refusals = new Set(talk.clients.refusals)
  expect([
    ...refusals.difference(new Set(['{"type":"error","detail":"The server restarts, try again"}'])),
  ]).toEqual([])
  await parley.remove()

  const next = await startParley(settings)
  const stored = new Map(
    await Promise.all(rooms.map(async (room) => [room, await readHistory(next, room)] as const)),
  )
  // Told to go, they had been shown everything first.
  const viewings = talk.clients.viewings.map((viewing) => ({ ...viewing, stayed: true }))
  expect(judge({ ...talk.clients, viewings, stored })).toEqual([])
  await next.remove()
})

/** A connection with a request on it that never ends. */
async function connectSlowly(port: number): Promise<{ readonly ended: Promise<void> }> {
  const ended = Promise.withResolvers<void>()
  const request = [
    'POST /api/v1/rooms HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Content-Length: 99',
  ]
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: { data: () => undefined, close: () => ended.resolve() },
  })
  socket.write(`${request.join('\r\n')}\r\n\r\n{`)
  return { ended: ended.promise }
}
