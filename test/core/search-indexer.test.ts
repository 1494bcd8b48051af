// When messages are indexed: soon after this node has written, at leisure otherwise, and never more than half of the time.
import { expect, test } from 'bun:test'
import {
  ChatError,
  createIndexer,
  type IndexWork,
  type MessageLog,
  type SearchIndex,
} from '../../src/core/index.ts'
import { noteWrites } from '../../src/core/search/index.ts'
import { FakeClock, settled } from './fakes/clock.ts'
import { id } from './fakes/values.ts'

function rig(workMs = 0) {
  const clock = new FakeClock()
  const indexed: string[] = []
  const failures: unknown[] = []
  let waiting: string[] = []
  let looks = 0
  let failure: Error | null = null
  const index: SearchIndex = {
    async unindexed() {
      looks++
      if (failure !== null) throw failure
      const [body, ...rest] = waiting
      waiting = rest
      if (body === undefined) return null
      return { messages: [{ id: id(1), version: null, body }], done: [1], open: [] } satisfies IndexWork
    },
    async index(work) {
      if (workMs > 0) await new Promise<void>((done) => clock.after(workMs, done))
      indexed.push(...work.messages.map(({ body }) => body))
    },
    findMessages: () => Promise.reject(new Error('not asked')),
  }
  const indexer = createIndexer(index, clock, { onIndexFailure: (error) => failures.push(error) })
  return {
    clock,
    indexer,
    indexed,
    failures,
    say: (...bodies: readonly string[]) => waiting.push(...bodies),
    away: (error: Error | null) => {
      failure = error
    },
    looks: () => looks,
  }
}

test('what this node has written is indexed 200 ms later, however often it writes', async () => {
  const { clock, indexer, indexed, say, looks } = rig()
  indexer.start()
  await clock.advance(0)
  const before = looks()
  say('one')
  for (let n = 0; n < 100; n++) indexer.noteWrite()
  await clock.advance(199)
  expect(indexed).toEqual([])
  await clock.advance(1)
  expect(indexed).toEqual(['one'])
  await clock.advance(100)
  expect(looks() - before).toBe(2)
})

test('what is written while it works is indexed, too', async () => {
  const { clock, indexer, indexed, say } = rig(50)
  indexer.start()
  say('one')
  indexer.noteWrite()
  await clock.advance(220)
  say('two')
  indexer.noteWrite()
  await clock.advance(300)
  expect(indexed).toEqual(['one', 'two'])
})

test('a backlog is worked off, with as much rest as work', async () => {
  const { clock, indexer, indexed, say } = rig(10)
  say(...Array.from({ length: 100 }, (_, n) => `${n}`))
  indexer.start()
  await clock.advance(200)
  expect(indexed.length).toBeGreaterThanOrEqual(9)
  expect(indexed.length).toBeLessThanOrEqual(11)
  await clock.advance(2000)
  expect(indexed).toHaveLength(100)
})

test('what other nodes have left is found within 5 s, and an idle node looks no more often', async () => {
  const { clock, indexer, indexed, say, looks } = rig()
  indexer.start()
  await clock.advance(0)
  say('left behind')
  await clock.advance(5000)
  expect(indexed).toEqual(['left behind'])
  const before = looks()
  await clock.advance(60_000)
  expect(looks() - before).toBeLessThanOrEqual(13)
})

test('a failure is told once, and retried until it succeeds', async () => {
  const { clock, indexer, indexed, failures, say, away } = rig()
  away(new Error('a fault'))
  indexer.start()
  say('one')
  await clock.advance(20_000)
  expect(failures).toHaveLength(1)
  away(null)
  await clock.advance(5000)
  expect(indexed).toEqual(['one'])
  away(new Error('a fault'))
  await clock.advance(5000)
  expect(failures).toHaveLength(2)
})

test('an outage of the database is not told once more', async () => {
  const { clock, indexer, indexed, failures, say, away } = rig()
  away(new ChatError('unavailable', 'away'))
  indexer.start()
  say('one')
  await clock.advance(20_000)
  away(null)
  await clock.advance(5000)
  expect([indexed, failures]).toEqual([['one'], []])
})

test('after the stop nothing begins, and what is under way ends', async () => {
  const { clock, indexer, indexed, say, looks } = rig(50)
  say('one', 'two')
  indexer.start()
  await clock.advance(10)
  const stopped = indexer.stop()
  await clock.advance(100)
  await stopped
  expect(indexed).toEqual(['one'])
  const before = looks()
  indexer.noteWrite()
  await clock.advance(60_000)
  expect(looks()).toBe(before)
})

test('a log notes each write once it is over, also one that failed, and passes all that it is given on', async () => {
  const given: unknown[][] = []
  let written = Promise.withResolvers<never>()
  const log: Pick<MessageLog, 'append' | 'revise'> = {
    append(...args) {
      given.push(args)
      return written.promise
    },
    revise(...args) {
      given.push(args)
      return written.promise
    },
  }
  let notes = 0
  const noting = noteWrites(log, { noteWrite: () => notes++ })
  for (const call of [Reflect.get(noting, 'append'), Reflect.get(noting, 'revise')]) {
    written = Promise.withResolvers<never>()
    const before = notes
    const args = Array.from({ length: 9 }, (_, n) => n)
    const called: Promise<unknown> = Reflect.apply(call, noting, args)
    await settled()
    expect(notes).toBe(before)
    written.reject(new Error('unknown'))
    await expect(called).rejects.toThrow('unknown')
    expect(notes).toBe(before + 1)
  }
  expect(given[1]).toHaveLength(9)
})
