import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Polled, type ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { parse } from '../../support/shape.ts'
import { makeRoom, type Person, pair, say } from '../support/people.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp({ PRESENCE_GRACE_MS: '0' })
})
afterAll(() => app.close())

async function ask(who: Person, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(`${app.url}/api/v2/poll`, {
    method: 'POST',
    headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
  return await response.json()
}

async function poll(who: Person, body: unknown, signal?: AbortSignal): Promise<Polled> {
  return parse(Polled, await ask(who, body, signal))
}

function types({ frames }: Polled): ServerFrame['type'][] {
  return frames.map(({ type }) => type)
}

describe('a poll', () => {
  test('answers at once if a room is new to the client, or something was missed', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const first = await poll(ann, { rooms: [[room, null]], wait: 30 })
    expect(types(first)).toEqual(['hello', 'result', 'live', 'state'])
    expect(first.frames[1]).toMatchObject({ id: room, data: { room, mode: 'snapshot' } })
    const head = 3
    const seq = await say(app, room, ben, 'missed')
    expect(seq).toBeGreaterThan(head)
    const second = await poll(ann, { rooms: [[room, seq - 1]], wait: 30 })
    expect(
      second.frames.flatMap((frame) => (frame.type === 'changes' ? frame.events : frame)),
    ).toContainEqual(expect.objectContaining({ type: 'message', seq }))
    expect(second.code).toBe(1000)
  })

  test('waits until something happens', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const seq = await say(app, room, ben, 'known')
    const waiting = poll(ann, { rooms: [[room, seq]], wait: 30 })
    await until(async () => (await app.chat.online.among([ann.id])).size === 1, 'the poll to wait')
    const next = await say(app, room, ben, 'news')
    const { frames } = await waiting
    expect(frames).toContainEqual(expect.objectContaining({ type: 'message', room, seq: next }))
    await until(async () => (await app.chat.online.among([ann.id])).size === 0, 'its connection to end')
  })

  test('ends with nothing but the state after the time that it may take', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const seq = await say(app, room, ben, 'known')
    const waited = types(await poll(ann, { rooms: [[room, seq]], wait: 1 }))
    expect(waited.filter((type) => type !== 'presence')).toEqual(['hello', 'result', 'live', 'state'])
    expect(types(await poll(ann, { rooms: [[room, seq]] }))).toEqual(['hello', 'result', 'live', 'state'])
  })

  test('tells that memberships have come further', async () => {
    const [ann, ben] = await pair(app)
    await makeRoom(app, ann, [ben])
    const { frames } = await poll(ben, { rooms: [], memberships: 1, wait: 30 })
    expect(frames[1]).toMatchObject({ type: 'heartbeat', memberships: 2 })
  })

  test('frees what it held when the client has gone', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const seq = await say(app, room, ben, 'known')
    const abort = new AbortController()
    const waiting = poll(ann, { rooms: [[room, seq]], wait: 30 }, abort.signal).catch(() => null)
    await until(async () => (await app.chat.online.among([ann.id])).size === 1, 'the poll to wait')
    abort.abort()
    await waiting
    await until(async () => (await app.chat.online.among([ann.id])).size === 0, 'its connection to end')
  })

  test.each([
    [{}, 'rooms'],
    [{ rooms: [[1]] }, 'rooms'],
    [{ rooms: [[0, null]] }, 'rooms'],
    [{ rooms: [[1, -1]] }, 'rooms'],
    [{ rooms: [[1, 1.5]] }, 'rooms'],
    [{ rooms: [], wait: 31 }, 'wait'],
    [{ rooms: [], epoch: 'x'.repeat(101) }, 'epoch'],
    [{ rooms: Array.from({ length: 2600 }, (_, i) => [i + 1, null]) }, 'rooms'],
  ])('refuses a body that is not valid: %#', async (body, field) => {
    const [ann] = await pair(app)
    expect(await ask(ann, body)).toMatchObject({ field })
  })
})
