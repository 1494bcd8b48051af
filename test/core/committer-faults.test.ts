import { describe, expect, test } from 'bun:test'
import { DamagedData } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { away, FakeLog } from './fakes/fake-log.ts'
import { Sends } from './fakes/sends.ts'
import { draft, id } from './fakes/values.ts'

describe('while the database is unavailable', () => {
  test('the same drafts are retried after pauses, and later drafts follow them', async () => {
    const log = new FakeLog()
    failTimes(log, 3)
    const sends = new Sends(log)
    for (const key of ['a', 'b']) sends.send(draft(1, 1, key))
    await settled()
    sends.send(draft(1, 1, 'c'))
    await sends.clock.advance(3000)
    const first = log.calls[0]?.batch
    expect(log.calls.slice(0, 4).map(({ batch }) => batch)).toEqual(new Array(4).fill(first))
    expect(first?.drafts.map(({ clientId }) => clientId)).toEqual(['a', 'b'])
    expect(log.bodies(1)).toEqual(['body of a', 'body of b', 'body of c'])
    expect(sends.acked).toEqual(['a', 'b', 'c'])
  })

  test('a batch written while another epoch began is written again, and acknowledged and delivered once', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    log.after = () => {
      if (log.calls.length > 1) return
      // The database goes back to before what it has just taken.
      log.rooms.set(id(1), [])
      sends.epoch = '2-second'
    }
    for (const key of ['a', 'b']) sends.send(draft(1, 1, key))
    await settled()
    expect(log.calls).toHaveLength(2)
    expect(sends.acked).toEqual(['a', 'b'])
    expect(log.bodies(1)).toEqual(['body of a', 'body of b'])
    expect(sends.committed.map(({ events }) => events.length)).toEqual([2])
    expect(sends.faults).toEqual([])
  })

  test('retries always pause', async () => {
    const log = new FakeLog()
    failTimes(log, Number.POSITIVE_INFINITY)
    const sends = new Sends(log, { deadlineMs: 4000 })
    sends.send(draft(1, 1, 'a'))
    await settled()
    expect(log.calls).toHaveLength(1)
    await sends.clock.advance(10_000)
    // Half a second on average once the pauses have grown.
    expect(log.calls.length).toBeGreaterThan(3)
    expect(log.calls.length).toBeLessThan(60)
  })

  test('a send fails at its deadline, and the lane continues', async () => {
    const log = new FakeLog()
    log.before = ({ batch }) => {
      if (batch.drafts.some(({ clientId }) => clientId === 'early')) throw away()
    }
    const sends = new Sends(log, { deadlineMs: 2000 })
    sends.send(draft(1, 1, 'early'))
    await sends.clock.advance(1900)
    sends.send(draft(1, 1, 'late'))
    await sends.clock.advance(99)
    expect(sends.answers).toEqual([])
    // A pause lasts a second at most.
    await sends.clock.advance(1001)
    expect(sends.refused).toEqual([['early', 'unavailable']])
    expect(sends.answers[0]?.error).toMatchObject({ retryable: true })
    expect(sends.acked).toEqual(['late'])
  })

  test('each send fails at its own deadline, whether under way or waiting, and frees its place', async () => {
    const log = new FakeLog()
    const gate = Promise.withResolvers<void>()
    log.before = () => gate.promise
    const sends = new Sends(log, { deadlineMs: 2000, queueLimit: 2 })
    sends.send(draft(1, 1, 'a'))
    await sends.clock.advance(500)
    sends.send(draft(1, 1, 'b'))
    await sends.clock.advance(1499)
    expect(sends.answers).toEqual([])
    await sends.clock.advance(1)
    expect(sends.refused).toEqual([['a', 'unavailable']])
    sends.send(draft(1, 1, 'c'))
    await sends.clock.advance(500)
    expect(sends.refused).toEqual([
      ['a', 'unavailable'],
      ['b', 'unavailable'],
    ])
    gate.resolve()
    await settled()
    expect(sends.answerCounts).toEqual([1])
    expect(sends.acked).toEqual(['c'])
  })

  test('a message written after its deadline is still delivered, and its retry gets the result', async () => {
    const log = new FakeLog()
    const gate = Promise.withResolvers<void>()
    log.before = () => gate.promise
    const sends = new Sends(log, { deadlineMs: 2000 })
    sends.send(draft(1, 1, 'a'))
    await sends.clock.advance(2000)
    expect(sends.refused).toEqual([['a', 'unavailable']])
    gate.resolve()
    await settled()
    expect(sends.committed.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([id(1)])
    sends.send(draft(1, 1, 'a'))
    await settled()
    expect(sends.answers.at(-1)?.message).toEqual(log.rooms.get(id(1))?.[0] ?? null)
    expect(log.bodies(1)).toEqual(['body of a'])
  })

  test('a batch whose acknowledgement was lost is not written twice, and is delivered', async () => {
    const log = new FakeLog()
    let lost = 0
    log.after = () => {
      if (lost++ === 0) throw away()
    }
    const sends = new Sends(log)
    for (const key of ['a', 'b']) sends.send(draft(1, 1, key))
    await sends.clock.advance(1000)
    expect(log.bodies(1)).toEqual(['body of a', 'body of b'])
    expect(sends.answers.map(({ message }) => message?.seq)).toEqual([id(1), id(2)])
    expect(sends.committed.flatMap(({ events }) => events.map(({ seq }) => seq)).sort()).toEqual([
      id(1),
      id(2),
    ])
  })
})

describe('a draft that can never be written', () => {
  test('is found by bisection: only it is refused, with its own error, and the rest keep their order', async () => {
    const log = new FakeLog()
    log.before = ({ batch }) => {
      if (batch.drafts.some(({ clientId }) => clientId === 'k13')) throw new RangeError('poisoned')
    }
    const sends = new Sends(log)
    const keys = Array.from({ length: 64 }, (_, i) => `k${i}`)
    for (const key of keys) sends.send(draft(1, 1, key))
    sends.send(draft(1, 1, 'after'))
    await settled()
    expect(sends.refused).toEqual([['k13', 'poisoned']])
    expect(sends.answers.find(({ error }) => error !== null)?.error).toBeInstanceOf(RangeError)
    const rest = [...keys.filter((key) => key !== 'k13'), 'after']
    expect(log.bodies(1)).toEqual(rest.map((key) => `body of ${key}`))
    expect(sends.acked).toEqual(rest)
    // Two halves a level.
    expect(log.calls.length).toBeLessThanOrEqual(2 * 7 + 1)
  })

  test('because of damaged data is found in the same way, and may be retried', async () => {
    const log = new FakeLog()
    log.before = ({ batch }) => {
      if (batch.drafts.some(({ clientId }) => clientId === 'b')) throw new DamagedData()
    }
    const sends = new Sends(log)
    for (const key of ['a', 'b', 'c', 'd']) sends.send(draft(1, 1, key))
    await settled()
    expect(sends.acked).toEqual(['a', 'c', 'd'])
    expect(sends.refused).toEqual([['b', 'unavailable']])
    expect(sends.answers.find(({ error }) => error !== null)?.error).toMatchObject({ retryable: true })
  })

  test('is distinguished from an outage in between', async () => {
    const log = new FakeLog()
    let calls = 0
    log.before = ({ batch }) => {
      if (++calls % 2 === 0) throw away()
      if (batch.drafts.some(({ clientId }) => clientId === 'b')) throw new Error('poisoned')
    }
    const sends = new Sends(log)
    for (const key of ['a', 'b', 'c', 'd']) sends.send(draft(1, 1, key))
    await sends.clock.advance(4900)
    expect(sends.refused).toEqual([['b', 'poisoned']])
    expect(sends.acked).toEqual(['a', 'c', 'd'])
  })

  test('is refused with an error, whatever value was thrown', async () => {
    const log = new FakeLog()
    log.before = () => Promise.reject('a mere string')
    const sends = new Sends(log)
    sends.send(draft(1, 1, 'a'))
    await settled()
    expect(sends.refused).toEqual([['a', 'a mere string']])
  })
})

describe('verdicts', () => {
  test('become errors, each for its own draft', async () => {
    const log = new FakeLog(1, [1, 2])
    log.strangers.add(9)
    const sends = new Sends(log)
    sends.send(draft(2, 1, 'used'))
    await settled()
    sends.send(draft(1, 1, 'fine'))
    sends.send(draft(1, 9, 'stranger'))
    sends.send(draft(1, 1, 'used'))
    sends.send(draft(3, 1, 'nowhere'))
    await settled()
    expect(sends.acked).toEqual(['used', 'fine'])
    expect(new Map(sends.refused)).toEqual(
      new Map([
        ['stranger', 'forbidden'],
        ['used', 'conflict'],
        ['nowhere', 'not_found'],
      ]),
    )
    expect(sends.committed.map(({ events }) => events.length)).toEqual([1, 1])
  })

  test('a retry gets the result of the first write', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    sends.send(draft(1, 1, 'a', { body: 'first' }))
    await settled()
    sends.send(draft(1, 1, 'a', { body: 'second', kind: 'other' }))
    await settled()
    expect(sends.answers.map(({ message }) => message)).toEqual(new Array(2).fill(log.rooms.get(id(1))?.[0]))
  })

  test('a retry whose first result cannot be read is refused, not left without an answer', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    sends.send(draft(1, 1, 'a'))
    await settled()
    log.reading = () => Promise.reject(away())
    sends.send(draft(1, 1, 'a'))
    await settled()
    expect(sends.refused).toEqual([['a', 'unavailable']])
    log.reading = () => void log.rooms.set(id(1), [])
    log.after = () => void log.rooms.set(id(1), [])
    log.rooms.get(id(1))?.push(...(sends.answers[0]?.message ? [sends.answers[0].message] : []))
    sends.send(draft(1, 1, 'a'))
    await settled()
    expect(sends.refused.at(-1)).toEqual(['a', 'not_found'])
    await sends.committer.close()
  })
})

function failTimes(log: FakeLog, times: number): void {
  let failed = 0
  log.before = () => {
    if (failed++ < times) throw away()
  }
}

describe('a listener that throws', () => {
  test('is reported, and affects neither the rest of the batch nor the lane', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    const fault = new Error('in a reply')
    sends.committer.enqueue(draft(1, 1, 'a'), {
      sent: () => {
        throw fault
      },
      rejected: () => undefined,
    })
    sends.send(draft(1, 1, 'b'))
    await settled()
    sends.send(draft(1, 1, 'c'))
    await settled()
    expect(sends.faults).toEqual([fault])
    expect(sends.acked).toEqual(['b', 'c'])
    await sends.committer.close()
  })
})

describe('a closed committer', () => {
  test('refuses new sends, and settles those it has', async () => {
    const log = new FakeLog()
    const sends = new Sends(log)
    sends.send(draft(1, 1, 'a'))
    const closed = sends.committer.close()
    sends.send(draft(1, 1, 'b'))
    await closed
    expect(sends.acked).toEqual(['a'])
    expect(sends.refused).toEqual([['b', 'unavailable']])
  })
})
