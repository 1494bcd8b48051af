import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { openSocket, type TestSocket } from '../api/support/socket.ts'
import { until } from '../support/until.ts'
import { startBareServer } from './support/bare-server.ts'

const CANARY = 'canary-5e1f'

/** Echoes, and throws where it is told to. */
let faulty: 'opened' | 'text' | 'binary' | 'closed' | null = null
let server: ReturnType<typeof startBareServer>

function mayFail(where: typeof faulty): void {
  if (faulty === where) throw new Error(`failed in ${where}`)
}

beforeAll(() => {
  server = startBareServer((connection) => ({
    opened() {
      mayFail('opened')
      connection.send('{"hello":true}')
    },
    text(frame) {
      mayFail('text')
      connection.send(frame)
    },
    binary() {
      mayFail('binary')
    },
    closed() {
      mayFail('closed')
    },
    removedFrom: () => undefined,
  }))
})
beforeEach(() => {
  faulty = null
})
afterAll(() => server.close())

describe('a fault in the handler of one socket', () => {
  test.each(['opened', 'text', 'binary'] as const)(
    '(%s) closes that socket with 1011, and no other socket',
    async (where) => {
      const bystander = await opened()
      const victim = where === 'opened' ? null : await opened()
      faulty = where
      const closing = victim ?? openSocket(server.wsUrl)
      if (where !== 'opened')
        closing.send(where === 'text' ? `"${CANARY}"` : new TextEncoder().encode(CANARY))
      expect((await closing.closed).code).toBe(1011)
      faulty = null
      await expectAlive(bystander)
      await bystander.close()
      await until(() => server.connections.size === 0, 'the places to be given back')
      expectLogged(`failed in ${where}`)
    },
  )

  test('(closed) frees its place, and closes no other socket', async () => {
    const [bystander, victim] = [await opened(), await opened()]
    faulty = 'closed'
    await victim.close()
    await until(() => server.connections.size === 1, 'the place to be given back')
    faulty = null
    await expectAlive(bystander)
    await bystander.close()
    expectLogged('failed in closed')
  })
})

test('frames of clients do not appear in the log', () => {
  expect(server.logs().join('')).not.toContain(CANARY)
})

function expectLogged(message: string): void {
  const lines = server.logs().filter((line) => line.includes('"level":50') && line.includes(message))
  expect(lines.length).toBeGreaterThan(0)
}

async function opened(): Promise<TestSocket> {
  const socket = openSocket(server.wsUrl)
  await socket.next(t.Object({ hello: t.Literal(true) }))
  return socket
}

async function expectAlive(socket: TestSocket): Promise<void> {
  socket.send('"still here"')
  await socket.next(t.Literal('still here'))
}
