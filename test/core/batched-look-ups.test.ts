import { describe, expect, test } from 'bun:test'
import { batchLookUps, type Weights } from '../../src/core/batched-look-ups.ts'
import { ChatError, DamagedData } from '../../src/core/index.ts'
import { until } from '../support/until.ts'
import { settled } from './fakes/clock.ts'
import { present } from './fakes/values.ts'

interface Statement {
  readonly questions: readonly number[]
  release(error?: Error): void
}

/** Returns ten times the question once it is released. */
function heldStore(weights?: Weights<number>) {
  const statements: Statement[] = []
  const put = batchLookUps((questions: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>()
    const release = (error?: Error) => (error ? reject(error) : resolve(questions.map((one) => one * 10)))
    statements.push({ questions, release })
    return promise
  }, weights)
  const sizes = () => statements.map(({ questions }) => questions.length)

  /** Returns a statement once it has been sent. */
  async function sent(index: number): Promise<Statement> {
    await until(() => statements.length > index, 'the statement')
    return present(statements[index])
  }

  /** Releases each statement as it is sent, until all questions have been answered. */
  async function releaseAll(answers: readonly Promise<number>[]): Promise<number[]> {
    let isOver = false
    const all = Promise.all(answers).finally(() => {
      isOver = true
    })
    for (let index = 0; !isOver; await settled())
      while (index < statements.length) statements[index++]?.release()
    return all
  }

  return { statements, put, sizes, sent, releaseAll }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('batched look-ups', () => {
  test('run at the end of the turn in which they were put, as one query', async () => {
    const { put, sizes, sent } = heldStore()
    const answers = [put(7), put(8)]
    expect(sizes()).toEqual([])
    const statement = await sent(0)
    expect(statement.questions).toEqual([7, 8])
    statement.release()
    expect(await Promise.all(answers)).toEqual([70, 80])
  })

  test('wait while two queries are under way, then run as one query, and each gets its own result', async () => {
    const { put, sizes, sent, releaseAll } = heldStore()
    const first = put(0)
    const held = await sent(0)
    const second = put(1)
    await sent(1)
    const answers = numbers(200).map((one) => put(one))
    await settled()
    expect(sizes()).toEqual([1, 1])
    held.release()
    await sent(2)
    expect(sizes()).toEqual([1, 1, 200])
    expect(await releaseAll([first, second, ...answers])).toEqual([
      0,
      10,
      ...numbers(200).map((one) => one * 10),
    ])
  })

  test('run after earlier ones, so that no result is older than its request', async () => {
    const { statements, put, sent, releaseAll } = heldStore()
    const first = put(1)
    await sent(0)
    const second = put(1)
    await sent(1)
    const third = put(1)
    await releaseAll([first, second, third])
    // Asked by a statement that began after the question was put.
    expect(statements.map(({ questions }) => questions)).toEqual([[1], [1], [1]])
  })

  test('are limited per statement', async () => {
    const { put, sizes, releaseAll } = heldStore()
    await releaseAll(numbers(1203).map((one) => put(one)))
    expect(Math.max(...sizes())).toBe(500)
    expect(sizes().reduce((sum, size) => sum + size)).toBe(1203)
  })

  test('are limited per statement by what they weigh; one that is too heavy runs alone', async () => {
    const { statements, put, releaseAll } = heldStore({ most: 10, of: (weight) => weight })
    const weights = [4, 6, 1, 9, 30, 2, 3, 5, 1]
    expect(await releaseAll(weights.map((weight) => put(weight)))).toEqual(weights.map((one) => one * 10))
    expect(statements.map(({ questions }) => questions)).toEqual([[4, 6], [1, 9], [30], [2, 3, 5], [1]])
  })

  test('fail together if the store is unavailable, also those that wait', async () => {
    const { put, sizes, sent } = heldStore()
    const first = put(0)
    const held = await sent(0)
    const second = put(1)
    const other = await sent(1)
    const waiting = [put(2), put(3)]
    const settledAll = Promise.allSettled([first, second, ...waiting])
    held.release(new ChatError('unavailable', 'away'))
    await expect(waiting[1]).rejects.toThrow('away')
    other.release()
    expect((await settledAll).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    const after = put(6)
    const next = await sent(2)
    expect(sizes()).toEqual([1, 1, 1])
    next.release()
    expect(await after).toBe(60)
  })

  test.each([
    ['an error of the query itself', () => new Error('a fault')],
    ['damaged data', () => new DamagedData()],
  ])('%s fails only those at fault', async (_, fault) => {
    const bad = new Set([3, 17])
    const put = batchLookUps(async (questions: readonly number[]) => {
      if (questions.some((question) => bad.has(question))) throw fault()
      return questions.map((one) => one * 10)
    })
    const results = await Promise.allSettled(numbers(40).map((one) => put(one)))
    const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
    expect(failed).toEqual([3, 17])
  })
})
