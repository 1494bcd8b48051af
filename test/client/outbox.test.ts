import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { memoryStorage, type OutboxStorage, type WebStorage, webStorage } from '../../src/client/index.ts'
import type { Sent } from '../../src/client/wire.ts'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'
import type { Peer, Request } from './support/scripted-server.ts'

let rig: Rig

beforeEach(() => {
  rig = startRig()
})
afterEach(async () => {
  await rig.close()
})

describe('a message', () => {
  test('is queued, sending, sent', async () => {
    const client = rig.connect()
    const room = client.room(7)
    const handle = room.send('Hi', { kind: 'shout', replyTo: 3, metadata: { loud: true } })
    expect(handle.status).toBe('queued')
    expect(client.getSnapshot().unsent).toBe(1)
    expect(room.getSnapshot().pending).toMatchObject([
      { body: 'Hi', status: 'queued', metadata: { loud: true } },
    ])
    const peer = await rig.server.nextIdentified()
    const request = await peer.take('send')
    expect(request).toMatchObject({
      room: 7,
      body: 'Hi',
      kind: 'shout',
      reply_to: 3,
      metadata: { loud: true },
      client_id: handle.clientId,
    })
    expect(handle.status).toBe('sending')
    answer(peer, request, 5)
    expect(await handle.done).toMatchObject({ seq: 5, client_id: handle.clientId })
    expect(handle.status).toBe('sent')
    expect(client.getSnapshot().unsent).toBe(0)
    // Nothing is shown of the room that would show it.
    expect(room.getSnapshot().pending).toEqual([])
  })

  test('is sent again with the same key after a loss, and those after it in their order', async () => {
    const client = rig.connect()
    const handles = ['one', 'two', 'three'].map((body) => client.room(7).send(body))
    const first = await rig.server.nextIdentified()
    const lost = await first.take('send')
    expect(lost.client_id).toBe(handles[0]?.clientId)
    first.cut()
    await until(() => client.status === 'offline', 'the loss')
    expect(handles.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])
    rig.clock.advance(500)
    const second = await rig.server.nextIdentified()
    for (const [i, handle] of handles.entries()) {
      const request = await second.take('send')
      expect(request.client_id).toBe(handle.clientId)
      expect(second.frames.filter(({ type }) => type === 'send')).toHaveLength(i + 1)
      answer(second, request, i + 1)
      await handle.done
    }
  })

  test('waits in its room for the one before, but not for those of other rooms', async () => {
    const client = rig.connect()
    client.room(7).send('one')
    client.room(7).send('two')
    client.room(8).send('three')
    const peer = await rig.server.nextIdentified()
    const requests = [await peer.take('send'), await peer.take('send')]
    expect(requests.map(({ body }) => body)).toEqual(['one', 'three'])
  })

  test.each([
    ['rate_limited', 4000, 4000],
    ['overloaded', 0, 250],
    ['unavailable', 0, 250],
  ] as const)('that is refused as %s for now is tried again', async (code, retry_after_ms, wait) => {
    const client = rig.connect()
    const handles = ['one', 'two'].map((body) => client.room(7).send(body))
    const peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('send'), { code, retryable: true, retry_after_ms })
    await until(() => handles[0]?.status === 'queued', 'the refusal')
    expect(client.room(7).getSnapshot().pending).toMatchObject([{ error: { code } }, { error: null }])
    rig.clock.advance(wait - 1)
    expect(peer.frames.filter(({ type }) => type === 'send')).toHaveLength(1)
    rig.clock.advance(1)
    const request = await peer.take('send')
    expect(request.client_id).toBe(handles[0]?.clientId)
    answer(peer, request, 1)
    await handles[0]?.done
  })

  test('that gets no answer is sent again', async () => {
    const handle = rig.connect().room(7).send('one')
    const peer = await rig.server.nextIdentified()
    await peer.take('send')
    rig.clock.advance(10_000)
    expect(handle.status).toBe('queued')
    rig.clock.advance(250)
    answer(peer, await peer.take('send'), 1)
    await handle.done
  })

  test('that is refused for good fails, and is no obstacle to the next one', async () => {
    const client = rig.connect()
    const room = client.room(7)
    const [bad, good] = [room.send('bad'), room.send('good')]
    const peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('send'), { code: 'forbidden', message: 'You are not a member of this room' })
    await expect(bad.done).rejects.toMatchObject({ code: 'forbidden' })
    expect(bad.status).toBe('failed')
    answer(peer, await peer.take('send'), 1)
    await good.done
    expect(room.getSnapshot().pending).toMatchObject([{ clientId: bad.clientId, status: 'failed' }])
    room.dismiss(bad.clientId)
    expect(room.getSnapshot().pending).toEqual([])
    expect(client.getSnapshot().unsent).toBe(0)
  })

  test('that no frame can hold fails without being sent, which would end the connection', async () => {
    const room = rig.connect().room(7)
    const handle = room.send('ü'.repeat(40_000))
    const peer = await rig.server.nextIdentified()
    await expect(handle.done).rejects.toMatchObject({ code: 'too_large', retryable: false })
    room.send('x')
    expect((await peer.take('send')).body).toBe('x')
  })

  test('is one of a thousand at most', async () => {
    const client = rig.connect()
    for (let i = 0; i < 1000; i++) client.room(7).send('x')
    const handle = client.room(7).send('one too many')
    await expect(handle.done).rejects.toMatchObject({ code: 'overloaded', retryable: true })
    expect(handle.status).toBe('failed')
    expect(client.getSnapshot().unsent).toBe(1000)
  })

  test('that shows up in the room is there, whatever became of the answer', async () => {
    const client = rig.connect()
    const room = client.room(7)
    void room.open()
    const handle = room.send('Hi')
    const peer = await rig.server.nextIdentified()
    await peer.take('send')
    peer.refuse(await peer.take('subscribe'), {
      code: 'unavailable',
      retryable: true,
      retry_after_ms: 60_000,
    })
    await until(() => rig.clock.waits().includes(60_000), 'the refusal')
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified()
    const again = await next.take('send')
    next.answer(await next.take('subscribe'), {
      room: 7,
      mode: 'snapshot',
      head: 1,
      snapshot: {
        room: ROOM,
        has_older: false,
        members: null,
        messages: [{ ...MESSAGE, client_id: handle.clientId }],
      },
    })
    expect(await handle.done).toMatchObject({ seq: 1, message: 501 })
    expect(room.getSnapshot().pending).toEqual([])
    answer(next, again, 1)
    room.send('next')
    expect((await next.take('send')).body).toBe('next')
  })
})

describe('the storage', () => {
  test('lets a message survive the program, in its order', async () => {
    const storage = memoryStorage()
    const before = rig.connect({ storage })
    const handles = ['one', 'two', 'three'].map((body) => before.room(7).send(body))
    await before.close()
    await expect(handles[0]?.done).rejects.toMatchObject({ code: 'stopped' })
    const after = rig.connect({ storage })
    await until(() => after.getSnapshot().unsent === 3, 'the storage to be read')
    const fourth = after.room(7).send('four')
    expect(
      after
        .room(7)
        .getSnapshot()
        .pending.map(({ body }) => body),
    ).toEqual(['one', 'two', 'three', 'four'])
    const peer = await identified()
    for (const [i, { clientId }] of [...handles, fourth].entries()) {
      const request = await peer.take('send')
      expect(request.client_id).toBe(clientId)
      answer(peer, request, i + 1)
    }
    await fourth.done
    await until(async () => (await storage.load()).length === 0, 'the storage to be empty')
  })

  test("keeps one user's messages from being sent as another's", async () => {
    const storage = memoryStorage()
    const first = rig.connect({ storage })
    const peer = await rig.server.nextIdentified({ id: 1 })
    await until(() => first.status === 'live', 'the client to be live')
    first.room(7).send('as user 1')
    await peer.take('send')
    await first.close()
    const second = rig.connect({ storage })
    const other = await rig.server.nextIdentified({ id: 2 })
    await until(() => second.status === 'live', 'the client to be live')
    second.room(7).send('as user 2')
    expect((await other.take('send')).body).toBe('as user 2')
    expect(
      second
        .room(7)
        .getSnapshot()
        .pending.map(({ body }) => body),
    ).toEqual(['as user 2'])
    other.close(1008)
    await until(() => second.status === 'stopped', 'the client to stop')
    second.connect()
    const again = await rig.server.nextIdentified({ id: 1 })
    expect((await again.take('send')).body).toBe('as user 1')
  })

  test('that fails keeps nothing from being sent', async () => {
    const broken: OutboxStorage = {
      load: () => Promise.reject(new Error('cannot be read')),
      put: () => Promise.reject(new Error('is full')),
      remove: () => Promise.reject(new Error('is read-only')),
    }
    const handle = rig.connect({ storage: broken }).room(7).send('Hi')
    const peer = await rig.server.nextIdentified()
    answer(peer, await peer.take('send'), 1)
    await handle.done
    await until(
      () => rig.logged.filter((line) => line.includes('could not be written')).length > 1,
      'the errors',
    )
  })

  test('of a browser keeps an item for each message, and leaves what is not its own alone', async () => {
    const items = webItems()
    items.setItem('other', '{"clientId":"x"}')
    items.setItem('parley.outbox.bad', 'not JSON')
    items.setItem('parley.outbox.odd', '{"room":7}')
    const storage = webStorage(items)
    const entry = { clientId: 'a', room: 7, body: 'Hi', kind: 'text', replyTo: null, queuedAt: 0, user: 1 }
    await storage.put(entry)
    await storage.put({ ...entry, body: 'Hi!' })
    expect(await webStorage(items).load()).toEqual([{ ...entry, body: 'Hi!' }])
    await storage.remove('a')
    await storage.remove('a')
    expect(await storage.load()).toEqual([])
    expect(items.length).toBe(3)
  })
})

/** The next connection that comes so far as to be identified: those of closed clients may not. */
async function identified(): Promise<Peer> {
  const peer = await rig.server.next()
  if (peer.isClosed()) return await identified()
  await peer.identify()
  return peer
}

function answer(peer: Peer, request: Request<'send'>, seq: number): void {
  const sent: Sent = {
    room: request.room,
    seq,
    message: 500 + seq,
    client_id: request.client_id ?? '',
    created_at: '2026-02-13T10:00:00.000Z',
  }
  peer.answer(request, sent)
}

function webItems(): WebStorage {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

const MESSAGE = {
  id: 501,
  room: 7,
  seq: 1,
  version: null,
  sender: { id: 1, username: 'user1' },
  kind: 'text',
  body: 'Hi',
  reply_to: null,
  created_at: '2026-02-13T10:00:00.000Z',
  edited_at: null,
  deleted_at: null,
}

const ROOM = {
  id: 7,
  name: 'room',
  kind: 'public' as const,
  creator: null,
  description: '',
  avatar: '',
  head: 1,
  member_count: 1,
  created_at: '2026-02-13T10:00:00.000Z',
  updated_at: '2026-02-13T10:00:00.000Z',
  role: 'member' as const,
  invited: false,
  read_seq: 0,
  delivered_seq: 0,
  unread: 0,
  other: null,
}
