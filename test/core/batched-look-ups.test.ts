import { describe, expect, test } from 'bun:test'
import { batchLookUps } from '../../src/core/batched-look-ups.ts'
import { ChatError } from '../../src/core/index.ts'
import { until } from '../support/until.ts'

/** Returns ten times the key once it is released. */
function heldStore() {
  const statements: { keys: readonly number[]; release(error?: Error): void }[] = []
  const lookUp = batchLookUps((keys: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>()
    const release = (error?: Error) => (error ? reject(error) : resolve(keys.map((one) => one * 10)))
    statements.push({ keys, release })
    return promise
  })
  const sizes = () => statements.map(({ keys }) => keys.length)
  return { statements, lookUp, sizes }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('batched look-ups', () => {
  test('run at once while no query is under way', async () => {
    const { statements, lookUp, sizes } = heldStore()
    const result = lookUp(7)
    expect(sizes()).toEqual([1])
    statements[0]?.release()
    expect(await result).toBe(70)
  })

  test('wait while others are under way, then run as one query, and each gets its own result', async () => {
    const { statements, lookUp, sizes } = heldStore()
    const results = numbers(200).map((one) => lookUp(one))
    expect(sizes()).toEqual([1, 1])
    statements[0]?.release()
    expect(await results[0]).toBe(0)
    await until(() => statements.length === 3, 'the next statement')
    expect(sizes()).toEqual([1, 1, 198])
    for (const statement of statements) statement.release()
    expect(await Promise.all(results)).toEqual(numbers(200).map((one) => one * 10))
    expect(sizes()).toEqual([1, 1, 198])
  })

  test('run after earlier ones, so that no result is older than its request', async () => {
    const { statements, lookUp } = heldStore()
    const first = lookUp(1)
    const second = lookUp(1)
    const third = lookUp(1)
    statements[0]?.release()
    await first
    await until(() => statements.length === 3, 'the next statement')
    // By a statement that began after the look-up was made.
    expect(statements.map(({ keys }) => keys)).toEqual([[1], [1], [1]])
    for (const statement of statements) statement.release()
    await Promise.all([second, third])
  })

  test('are limited per statement', async () => {
    const { statements, lookUp, sizes } = heldStore()
    const results = numbers(1203).map((one) => lookUp(one))
    for (let at = 0; at < statements.length; at++) {
      const statement = statements[at]
      statement?.release()
      await results[statement?.keys[0] ?? 0]
    }
    await Promise.all(results)
    expect(Math.max(...sizes())).toBe(500)
    expect(sizes().reduce((sum, size) => sum + size)).toBe(1203)
  })

  test('fail together; if the store is unavailable, also those that wait', async () => {
    const { statements, lookUp, sizes } = heldStore()
    const results = numbers(5).map((one) => lookUp(one))
    const settled = Promise.allSettled(results)
    statements[0]?.release(new ChatError('unavailable', 'away'))
    await expect(results[4]).rejects.toThrow('away')
    statements[1]?.release()
    expect((await settled).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])
    const after = lookUp(6)
    expect(sizes()).toEqual([1, 1, 1])
    statements[2]?.release()
    expect(await after).toBe(60)
  })

  test('fail alone if the fault is in their own input', async () => {
    const { statements, lookUp } = heldStore()
    const results = numbers(3).map((one) => lookUp(one))
    const settled = Promise.allSettled(results)
    statements[0]?.release(new Error('a fault'))
    await expect(results[0]).rejects.toThrow('a fault')
    for (const statement of statements) statement.release()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })
})
