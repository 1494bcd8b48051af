import { describe, expect, test } from 'bun:test'
import { batchLookUps } from '../../src/core/batched-look-ups.ts'
import { ChatError } from '../../src/core/index.ts'
import { until } from '../support/until.ts'

/** Returns ten times the question once it is released. */
function heldStore() {
  const statements: { questions: readonly number[]; release(error?: Error): void }[] = []
  const put = batchLookUps((questions: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>()
    const release = (error?: Error) => (error ? reject(error) : resolve(questions.map((one) => one * 10)))
    statements.push({ questions, release })
    return promise
  })
  const sizes = () => statements.map(({ questions }) => questions.length)
  return { statements, put, sizes }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('batched look-ups', () => {
  test('run at once while no query is under way', async () => {
    const { statements, put, sizes } = heldStore()
    const answer = put(7)
    expect(sizes()).toEqual([1])
    statements[0]?.release()
    expect(await answer).toBe(70)
  })

  test('wait while others are under way, then run as one query, and each gets its own result', async () => {
    const { statements, put, sizes } = heldStore()
    const answers = numbers(200).map((one) => put(one))
    expect(sizes()).toEqual([1, 1])
    statements[0]?.release()
    expect(await answers[0]).toBe(0)
    await until(() => statements.length === 3, 'the next statement')
    expect(sizes()).toEqual([1, 1, 198])
    for (const statement of statements) statement.release()
    expect(await Promise.all(answers)).toEqual(numbers(200).map((one) => one * 10))
    expect(sizes()).toEqual([1, 1, 198])
  })

  test('run after earlier ones, so that no result is older than its request', async () => {
    const { statements, put } = heldStore()
    const first = put(1)
    const second = put(1)
    const third = put(1)
    statements[0]?.release()
    await first
    await until(() => statements.length === 3, 'the next statement')
    // Asked by a statement that began after the question was put.
    expect(statements.map(({ questions }) => questions)).toEqual([[1], [1], [1]])
    for (const statement of statements) statement.release()
    await Promise.all([second, third])
  })

  test('are limited per statement', async () => {
    const { statements, put, sizes } = heldStore()
    const answers = numbers(1203).map((one) => put(one))
    for (let asked = 0; asked < statements.length; asked++) {
      const statement = statements[asked]
      statement?.release()
      await answers[statement?.questions[0] ?? 0]
    }
    await Promise.all(answers)
    expect(Math.max(...sizes())).toBe(500)
    expect(sizes().reduce((sum, size) => sum + size)).toBe(1203)
  })

  test('fail together; if the store is unavailable, also those that wait', async () => {
    const { statements, put, sizes } = heldStore()
    const answers = numbers(5).map((one) => put(one))
    const settled = Promise.allSettled(answers)
    statements[0]?.release(new ChatError('unavailable', 'away'))
    await expect(answers[4]).rejects.toThrow('away')
    statements[1]?.release()
    expect((await settled).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])
    const after = put(6)
    expect(sizes()).toEqual([1, 1, 1])
    statements[2]?.release()
    expect(await after).toBe(60)
  })

  test('fail alone if the fault is in their own input', async () => {
    const { statements, put } = heldStore()
    const answers = numbers(3).map((one) => put(one))
    const settled = Promise.allSettled(answers)
    statements[0]?.release(new Error('a fault'))
    await expect(answers[0]).rejects.toThrow('a fault')
    for (const statement of statements) statement.release()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })
})
