import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Client } from '../../src/client/index.ts'
import type { ClientFrame, HelloFrame } from '../../src/client/wire.ts'
import { until } from '../support/until.ts'
import { answerTo } from './support/answer.ts'
import { type FakeSocket, fakeSockets } from './support/fake-socket.ts'
import { type Rig, startRig } from './support/rig.ts'
import { user } from './support/room-model.ts'
import { HELLO } from './support/scripted-server.ts'

const BATCHES = { batch: true, max_batch: 128 } as const

let rig: Rig

beforeEach(() => {
  rig = startRig()
})
afterEach(async () => {
  await rig.close()
})

describe('requests of one turn', () => {
  test('go as one frame, in their order; a single one goes as it is', async () => {
    const { client, socket } = await identified(BATCHES)
    for (const id of [7, 8, 9]) client.room(id).send('Hi')
    client
      .room(7)
      .edit(1, 'better')
      .catch(() => undefined)
    expect(types(socket)).toEqual(['auth'])
    await turn()
    expect(types(socket)).toEqual(['auth', ['send', 'send', 'send', 'edit']])
    client
      .room(7)
      .delete(1)
      .catch(() => undefined)
    await turn()
    expect(types(socket).at(-1)).toBe('delete')
  })

  test('that waited for a connection go as one frame, behind the one that says who it is', async () => {
    const { Socket, made } = fakeSockets()
    const client = rig.connect({ WebSocket: Socket })
    for (const id of [7, 8, 9]) client.room(id).send('Hi')
    void client.room(7).open()
    const socket = await until(() => made[0], 'the socket')
    await greet(socket, BATCHES)
    expect(types(socket)).toEqual(['auth', ['send', 'send', 'send', 'subscribe']])
  })

  test('that are asked for by the answers of one batch go as one frame', async () => {
    const { client, socket } = await identified(BATCHES)
    for (const id of [7, 8]) for (const body of ['first', 'second']) client.room(id).send(body)
    await turn()
    const [first = []] = socket.requests().slice(-1)
    socket.arrive([first].flat().map((request) => answerTo(request)))
    await turn()
    expect(types(socket)).toEqual(['auth', ['send', 'send'], ['send', 'send']])
  })

  test('go in as many frames as the limits of the server need', async () => {
    const { client, socket } = await identified({ ...BATCHES, max_batch: 3, max_frame_bytes: 1000 })
    const lengths = [1, 1, 1, 1, 100, 40, 80, 450, 1, 450, 200, 1, 1, 1, 1]
    for (const length of lengths)
      client
        .room(7)
        .edit(1, 'ü'.repeat(length))
        .catch(() => undefined)
    await turn()
    const batches = socket.requests().slice(1)
    const edits = batches.flat().map((edit) => (edit.type === 'edit' ? (edit.body ?? '').length : 0))
    expect(edits).toEqual(lengths)
    expect(batches.filter(Array.isArray).map(({ length }) => length)).toContain(3)
    for (const batch of batches) if (Array.isArray(batch)) expect([2, 3]).toContain(batch.length)
    for (const text of socket.sent) expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(1000)
  })

  test.each([{}, { batch: true }, { max_batch: 128 }] as const)(
    'go one by one, at once, to a server that tells %j',
    async (hello) => {
      const { client, socket } = await identified(hello)
      for (const id of [7, 8]) client.room(id).send('Hi')
      expect(types(socket)).toEqual(['auth', 'send', 'send'])
    },
  )

  test('fail if the connection is lost before they are sent', async () => {
    const { client, socket } = await identified(BATCHES)
    const revisions = Promise.allSettled([client.room(7).delete(1), client.room(7).delete(2)])
    socket.lose()
    const lost = { status: 'rejected', reason: { code: 'disconnected', retryable: true } }
    expect(await revisions).toMatchObject([lost, lost])
    expect(types(socket)).toEqual(['auth'])
  })

  test('are sent before the client leaves in the same turn', async () => {
    const { client, socket } = await identified(BATCHES)
    const revisions = Promise.allSettled([client.room(7).delete(1), client.room(7).delete(2)])
    client.disconnect()
    expect(types(socket)).toEqual(['auth', ['delete', 'delete']])
    expect(socket.closed).toBe(true)
    const lost = { status: 'rejected', reason: { code: 'disconnected' } }
    expect(await revisions).toMatchObject([lost, lost])
  })

  test('are each given up after their own time', async () => {
    const { client } = await identified(BATCHES)
    const gaveUp: number[] = []
    const remove = (seq: number) =>
      void client
        .room(7)
        .delete(seq)
        .catch(() => gaveUp.push(seq))
    const pass = async (ms: number) => {
      rig.clock.advance(ms)
      await turn()
      return gaveUp
    }
    remove(1)
    remove(2)
    await pass(4000)
    remove(3)
    expect(await pass(5999)).toEqual([])
    expect(await pass(1)).toEqual([1, 2])
    remove(4)
    expect(await pass(3999)).toEqual([1, 2])
    expect(await pass(1)).toEqual([1, 2, 3])
    expect(await pass(6000)).toEqual([1, 2, 3, 4])
  })
})

/** A client that is identified, and its socket, which is under the control of the test. */
async function identified(hello: Partial<HelloFrame>): Promise<{ client: Client; socket: FakeSocket }> {
  const { Socket, made } = fakeSockets()
  const client = rig.connect({ WebSocket: Socket })
  const socket = await until(() => made[0], 'the socket')
  await greet(socket, hello)
  return { client, socket }
}

async function greet(socket: FakeSocket, hello: Partial<HelloFrame>): Promise<void> {
  socket.arrive({ ...HELLO, ...hello })
  await turn()
  socket.arrive({ type: 'result', id: 1, data: { user: user(1), expires_in_ms: 3_600_000 } })
  await turn()
}

/** Lets the present turn of the client end. */
async function turn(): Promise<void> {
  await Bun.sleep(0)
}

function types(socket: FakeSocket) {
  const typeOf = ({ type }: ClientFrame) => type
  return socket.requests().map((sent) => (Array.isArray(sent) ? sent.map(typeOf) : typeOf(sent)))
}
