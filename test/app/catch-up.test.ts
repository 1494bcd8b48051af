import { afterEach, expect, jest, test } from 'bun:test'
import { type Concerns, createCatchUp, type Looking } from '../../src/app/jobs/catch-up.ts'
import type { RoomId } from '../../src/core/index.ts'
import { settled } from '../core/fakes/clock.ts'
import { id } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'

const all = () => true
const even: Concerns = (room) => room % 2 === 0
const third: Concerns = (room) => room % 3 === 0
const ROOMS: readonly RoomId[] = [1, 2, 3, 4].map((room) => id(room))

/** What was looked at, and how that went. */
class Looks implements Looking {
  readonly rooms_: RoomId[][] = []
  connections_ = 0
  readonly failures: unknown[] = []
  /** What a look waits for. */
  before = async (): Promise<void> => undefined

  readonly rooms = async (concerns: Concerns): Promise<void> => {
    this.rooms_.push(ROOMS.filter(concerns))
    await this.before()
  }

  readonly connections = async (): Promise<void> => {
    this.connections_++
    await this.before()
  }

  readonly failed = (error: unknown): void => void this.failures.push(error)
}

let stop: () => void = () => undefined
afterEach(() => stop())

function start(looks: Looks) {
  const catchUp = createCatchUp(looks)
  stop = catchUp.stop
  return catchUp
}

test('all losses of one turn are handled by one comparison', async () => {
  const looks = new Looks()
  const catchUp = start(looks)
  for (const concerns of [even, third, even]) catchUp.rooms(concerns)
  catchUp.signals(all)
  catchUp.signals(all)
  await until(() => looks.rooms_.length > 0, 'a look')
  expect([looks.rooms_, looks.connections_]).toEqual([[[2, 3, 4].map((room) => id(room))], 1])
})

test('losses during a comparison are handled by one comparison after it', async () => {
  const looks = new Looks()
  const catchUp = start(looks)
  const { promise, resolve } = Promise.withResolvers<void>()
  looks.before = () => promise
  catchUp.rooms(even)
  await until(() => looks.rooms_.length === 1, 'the first look')
  for (let i = 0; i < 50; i++) catchUp.rooms(even)
  await settled()
  expect(looks.rooms_).toHaveLength(1)
  resolve()
  await until(() => looks.rooms_.length === 2, 'the second look')
  catchUp.signals(all)
  await until(() => looks.connections_ === 1, 'the third look')
  expect(looks.rooms_).toHaveLength(2)
})

test('a comparison that fails is reported once, and repeated until it succeeds, for all losses', async () => {
  const looks = new Looks()
  const catchUp = start(looks)
  let failing = true
  looks.before = async () => {
    if (failing) throw new Error('the database is away')
  }
  catchUp.rooms(even)
  catchUp.signals(all)
  await until(() => looks.rooms_.length === 2, 'the second look')
  catchUp.rooms(third)
  failing = false
  await until(() => looks.rooms_.length === 3, 'the third look')
  expect(looks.rooms_[2]).toEqual([2, 3, 4].map((room) => id(room)))
  await until(() => looks.connections_ >= 3, 'the connections')
  expect(looks.failures).toEqual([new Error('the database is away')])
})

test('no comparison begins after the stop', () => {
  jest.useFakeTimers()
  const looks = new Looks()
  const catchUp = start(looks)
  catchUp.rooms(even)
  catchUp.stop()
  catchUp.signals(all)
  jest.advanceTimersByTime(10_000)
  jest.useRealTimers()
  expect([looks.rooms_, looks.connections_]).toEqual([[], 0])
})
