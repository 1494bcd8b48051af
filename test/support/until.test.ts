import { expect, test } from 'bun:test'
import { until } from './until.ts'

test('resolves to the first truthy result, whether a promise or not', async () => {
  const answers = [undefined, false, null, 'there', 'too late']
  expect(await until(() => answers.shift(), 'a word')).toBe('there')
  const numbers = [0, 0, 7]
  expect(await until(async () => numbers.shift(), 'a number')).toBe(7)
})

test('names the condition in the time-out error', async () => {
  await expect(until(() => false, 'the moon', 30)).rejects.toThrow('waited 30 ms in vain for the moon')
})

test('does not wait longer for a promise that never settles', async () => {
  const { promise } = Promise.withResolvers<true>()
  await expect(until(() => promise, 'an answer', 30)).rejects.toThrow('an answer')
})

test('rethrows an error of the condition at once', async () => {
  let asked = 0
  const condition = () => {
    asked++
    throw new Error('broken')
  }
  await expect(until(condition, 'nothing')).rejects.toThrow('broken')
  expect(asked).toBe(1)
})
