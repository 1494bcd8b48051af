import { describe, expect, test } from 'bun:test'
import { BUCKETS_MS, delaysOf, sumOfCounts } from './delays.ts'
import { Deliveries } from './deliveries.ts'
import { Pace } from './pace.ts'

describe('percentiles', () => {
  test('are measured delays, whatever order they came in', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1)
    expect(delaysOf(hundred)).toMatchObject({ p50: 50, p99: 99, most: 100 })
    expect(delaysOf([...hundred, 1000])).toMatchObject({ p50: 51, p99: 100, most: 1000 })
  })

  test('of one delay are that delay, of none are empty', () => {
    expect(delaysOf([7])).toMatchObject({ p50: 7, p99: 7, most: 7 })
    expect(delaysOf([])).toBeNull()
  })
})

describe('the histogram', () => {
  const bucketOf = (delay: number) => BUCKETS_MS.findIndex((upTo) => delay <= upTo)

  test('counts each delay in the first bucket whose end it does not exceed', () => {
    const delays = [2, 0.1, 300, 2.1, 2, 1000]
    const counts = delaysOf(delays)?.counts ?? []
    expect(counts[bucketOf(2)]).toBe(2)
    expect(counts[bucketOf(0.1)]).toBe(1)
    expect(counts[bucketOf(2.1)]).toBe(1)
    expect(counts.at(-1)).toBe(2)
    expect(counts).toHaveLength(BUCKETS_MS.length + 1)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(delays.length)
  })

  test('of several rounds is their sum', () => {
    const rounds = [
      [1, 2],
      [2, 300],
    ].flatMap((delays) => delaysOf(delays) ?? [])
    expect(sumOfCounts(rounds)).toEqual(delaysOf([1, 2, 2, 300])?.counts ?? [])
    expect(sumOfCounts([])).toEqual(new Array(BUCKETS_MS.length + 1).fill(0))
  })
})

describe('a pace', () => {
  test('gives what is due, and makes up for the time without a call', () => {
    const pace = new Pace(2000, 10)
    const asked = [10, 10.4, 10.5, 11, 111, 111.2].map((now) => pace.due(now))
    expect(asked).toEqual([0, 0, 1, 1, 200, 0])
  })

  test('holds its rate however often it is asked', () => {
    const pace = new Pace(12_345, 0)
    let given = 0
    for (let now = 0; now <= 10_000; now += 0.7) given += pace.due(now)
    given += pace.due(10_000)
    expect(given).toBe(123_450)
  })
})

describe('deliveries', () => {
  const clock = { now: 0 }
  const opened = () => {
    clock.now = 0
    return new Deliveries(() => clock.now)
  }

  test('take as long as the last listener waits', () => {
    const deliveries = opened()
    deliveries.measure()
    const [first, second] = [deliveries.next(2), deliveries.next(1)]
    clock.now = 3
    expect(deliveries.hear(first)).toBe(false)
    clock.now = 4
    expect(deliveries.hear(second)).toBe(true)
    clock.now = 9
    expect(deliveries.hear(first)).toBe(true)
    expect(deliveries.delays()).toEqual([4, 9])
    expect([deliveries.sent, deliveries.heard, deliveries.done]).toEqual([2, 3, 2])
  })

  test('count what was sent in the interval, even if it arrives later', () => {
    const deliveries = opened()
    const early = deliveries.next(1)
    deliveries.measure()
    const measured = deliveries.next(1)
    deliveries.stopMeasuring()
    const late = deliveries.next(1)
    clock.now = 5
    for (const number of [early, measured, late]) deliveries.hear(number)
    expect(deliveries.delays()).toEqual([5])
  })

  test('refuse duplicates', () => {
    const deliveries = opened()
    const number = deliveries.next(1)
    deliveries.hear(number)
    expect(() => deliveries.hear(number)).toThrow('once more than it was expected')
    expect(() => deliveries.hear(77)).toThrow('once more than it was expected')
  })
})
