import { describe, expect, test } from 'bun:test'
import type { Batch } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { FakeLog } from './fakes/fake-log.ts'
import { Sends } from './fakes/sends.ts'
import { draft, id } from './fakes/values.ts'

describe('group commit', () => {
  test('an idle server writes the sends of one tick at once, as one batch', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    for (const key of ['a', 'b', 'c']) sends.send(draft(1, 1, key))
    expect(log.calls).toEqual([])
    await settled()
    expect(log.calls.map(keysOf)).toEqual([['a', 'b', 'c']])
    expect(sends.acked).toEqual(['a', 'b', 'c'])
  })

  test('sends during a write are written together in the next batch', async () => {
    const log = new FakeLog()
    const gate = Promise.withResolvers<void>()
    log.before = () => gate.promise
    const sends = new Sends(log)
    for (const key of ['a', 'b', 'c', 'd']) {
      sends.send(draft(1, 1, key))
      await settled()
    }
    expect(log.calls.map(keysOf)).toEqual([['a']])
    expect(sends.answers).toEqual([])
    expect(sends.committer.waiting).toBe(4)
    gate.resolve()
    await settled()
    expect(log.calls.map(keysOf)).toEqual([['a'], ['b', 'c', 'd']])
    expect(sends.acked).toEqual(['a', 'b', 'c', 'd'])
    expect(sends.committer.waiting).toBe(0)
  })

  test('a batch has at most its limit; the rest follows in order', async () => {
    const log = new FakeLog()
    const sends = new Sends(log, { batchLimit: 2 })
    for (const key of ['a', 'b', 'c', 'd', 'e']) sends.send(draft(1, 1, key))
    await settled()
    expect(log.calls.map(keysOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect(sends.acked).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('a batch is grouped by room, rooms ascending, and in a room in the order sent', async () => {
    const log = new FakeLog(1, [3, 9, 20])
    const sends = new Sends(log)
    for (const [room, key] of [
      [20, 'a'],
      [3, 'b'],
      [20, 'c'],
      [9, 'd'],
      [3, 'e'],
    ] as const) {
      sends.send(draft(room, 1, key))
    }
    await settled()
    const batch = log.calls[0]?.batch
    expect(batch?.rooms).toEqual([id(3), id(9), id(20)])
    expect(batch?.counts).toEqual([2, 1, 2])
    expect(log.calls.map(keysOf)).toEqual([['b', 'e', 'd', 'a', 'c']])
  })

  test('the acknowledgement is the draft with its number, id and time', async () => {
    const sends = new Sends(new FakeLog())
    const sent = draft(2, 7, 'a', { kind: 'image', replyTo: id(1) })
    sends.send(sent)
    await settled()
    expect(sends.answers[0]?.message).toEqual({
      ...sent,
      id: id(2001),
      seq: id(1),
      versionSeq: null,
      root: null,
      thread: null,
      createdAt: new Date(1),
      editedAt: null,
      deletedAt: null,
    })
  })
})

describe('lanes', () => {
  test('write side by side, and a stalled one does not hold up another', async () => {
    const log = new FakeLog(2)
    const gate = Promise.withResolvers<void>()
    log.before = ({ lane }) => (lane === 0 ? gate.promise : undefined)
    const sends = new Sends(log)
    for (const room of [1, 2, 3, 4]) sends.send(draft(room, 1, `to ${room}`))
    await settled()
    const [stalled, other] = [0, 1].map((lane) =>
      log.calls.filter((call) => call.lane === lane).flatMap(keysOf),
    )
    expect([stalled?.length, other?.length]).toEqual([2, 2])
    expect(sends.acked).toEqual(other ?? [])
    gate.resolve()
    await settled()
    expect(sends.acked).toEqual([...(other ?? []), ...(stalled ?? [])])
  })

  test('a room stays with its lane', async () => {
    const log = new FakeLog(3, [1, 2, 3, 4, 5, 6])
    const sends = new Sends(log)
    for (let round = 0; round < 3; round++) {
      for (const room of log.rooms.keys()) sends.send(draft(room, 1, `${round} ${room}`))
      await settled()
    }
    for (const room of log.rooms.keys()) {
      const lanes = log.calls.filter(({ batch }) => batch.rooms.includes(room)).map(({ lane }) => lane)
      expect(lanes).toHaveLength(3)
      expect(new Set(lanes).size).toBe(1)
    }
  })
})

describe('after the commit', () => {
  test('each room gets its batch once, in the tick of the acknowledgements', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    for (const [room, key] of [
      [2, 'a'],
      [1, 'b'],
      [2, 'c'],
    ] as const)
      sends.send(draft(room, 1, key))
    expect(sends.committed).toEqual([])
    await settled()
    expect(sends.committed.map(({ room, events }) => [room, events.map(({ seq }) => seq)])).toEqual([
      [id(1), [id(1)]],
      [id(2), [id(1), id(2)]],
    ])
    for (const { room, events } of sends.committed) {
      for (const event of events) {
        if (event.type !== 'message') throw new Error('only messages were sent')
        expect(event.roomId).toBe(room)
        expect(event.seq).toBe(event.message.seq)
      }
    }
  })
})

describe('closing', () => {
  test('refuses new sends, and ends when the waiting ones are settled', async () => {
    const log = new FakeLog(2)
    const gate = Promise.withResolvers<void>()
    log.before = () => gate.promise
    const sends = new Sends(log)
    for (const [room, key] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      sends.send(draft(room, 1, key))
      await settled()
    }
    sends.send(draft(1, 1, 'c'))
    let closed = false
    const waits = [sends.committer.close(), sends.committer.close()].map((wait) =>
      wait.then(() => {
        closed = true
      }),
    )
    sends.send(draft(1, 1, 'late'))
    expect(sends.refused).toEqual([['late', 'unavailable']])
    await settled()
    expect(closed).toBe(false)
    gate.resolve()
    await Promise.all(waits)
    expect(sends.acked.toSorted()).toEqual(['a', 'b', 'c'])
    await sends.committer.close()
  })

  test('ends at once if nothing waits', async () => {
    await new Sends(new FakeLog()).committer.close()
  })
})

describe('the queue', () => {
  test('refuses sends past its count at once, and accepts more once there is room', async () => {
    const log = new FakeLog(2)
    const gate = Promise.withResolvers<void>()
    log.before = () => gate.promise
    const sends = new Sends(log, { queueLimit: 3 })
    for (const [room, key] of [
      [1, 'a'],
      [2, 'b'],
      [1, 'c'],
      [2, 'd'],
    ] as const)
      sends.send(draft(room, 1, key))
    expect(sends.refused).toEqual([['d', 'overloaded']])
    expect(sends.answers[0]?.error).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) })
    gate.resolve()
    await settled()
    sends.send(draft(1, 1, 'e'))
    await settled()
    expect(sends.acked.sort()).toEqual(['a', 'b', 'c', 'e'])
  })

  test('refuses sends past its bytes, two per UTF-16 unit', async () => {
    const gate = Promise.withResolvers<void>()
    const log = new FakeLog()
    log.before = () => gate.promise
    const sends = new Sends(log, { queueBytes: 20 })
    sends.send(draft(1, 1, 'a', { body: '12345' }))
    sends.send(draft(1, 1, 'b', { body: '123456' }))
    sends.send(draft(1, 1, 'c', { body: '😀😀1' }))
    sends.send(draft(1, 1, 'd', { body: '1' }))
    expect(sends.refused).toEqual([
      ['b', 'overloaded'],
      ['d', 'overloaded'],
    ])
    gate.resolve()
    await settled()
    sends.send(draft(1, 1, 'e', { body: '1234567890' }))
    await settled()
    expect(sends.acked).toEqual(['a', 'c', 'e'])
  })

  test('is freed by refusals as well', async () => {
    const log = new FakeLog(1, [])
    const sends = new Sends(log, { queueLimit: 1, queueBytes: 20 })
    for (const key of ['a', 'b']) {
      sends.send(draft(1, 1, key, { body: '1234567890' }))
      await settled()
    }
    expect(sends.refused).toEqual([
      ['a', 'not_found'],
      ['b', 'not_found'],
    ])
    expect(sends.committer.waiting).toBe(0)
  })
})

function keysOf({ batch }: { batch: Batch }): string[] {
  return batch.drafts.map(({ clientId }) => clientId)
}
