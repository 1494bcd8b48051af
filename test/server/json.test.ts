import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { JsonProblem, readJson } from '../../src/server/index.ts'

const LEVELS = 64

const KEYS = 1000
const VALUES = 10_000
const keys = (count: number) => Array.from({ length: count }, (_, n) => `"k${n}":1`).join()
const lists = (levels: number, within = '') => '['.repeat(levels) + within + ']'.repeat(levels)
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('JSON', () => {
  test('is parsed unchanged', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(readJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test.each(['', '{', 'undefined', '{a:1}', '[1,]', '"', '{"a":1}}', '\u0000'])('is not %j', (text) => {
    expect(() => readJson(text)).toThrow(new JsonProblem('is not valid JSON'))
  })

  test.each([
    ['lists', lists(LEVELS)],
    ['objects', objects(LEVELS)],
    ['lists and objects in turn', `${'[{"a":'.repeat(LEVELS / 2)}1${'}]'.repeat(LEVELS / 2)}`],
    ['many lists beside each other', `[${Array.from({ length: 1000 }, () => '[[],{}]').join()}]`],
    ['a deep string', lists(LEVELS, JSON.stringify('['.repeat(1000)))],
    ['a deep string after escapes', JSON.stringify(`"\\${'{'.repeat(1000)}\\"`)],
    ['a deep key', JSON.stringify({ ['['.repeat(1000)]: 1 })],
  ])('may be nested this deep: %s', (_, text) => {
    expect(readJson(text)).toEqual(JSON.parse(text))
  })

  test.each([
    ['lists', lists(LEVELS + 1)],
    ['objects', objects(LEVELS + 1)],
    ['lists that do not end', '['.repeat(LEVELS + 1)],
    ['lists in the last of many', `[${'[],'.repeat(1000)}${lists(LEVELS)}]`],
    ['lists after a string that ends with an escape', `["\\\\",${lists(LEVELS)}]`],
    ['31,000 lists', lists(31_000)],
  ])('may not be nested deeper: %s', (_, text) => {
    expect(() => readJson(text)).toThrow(new JsonProblem(`is nested more than ${LEVELS} levels deep`))
  })

  test.each([
    ['in one object', `{${keys(KEYS)}}`],
    ['in many', `[${Array.from({ length: KEYS }, () => '{"a":1}').join()}]`],
    ['and colons in strings', `{${keys(KEYS - 1)},"last":${JSON.stringify(':'.repeat(5000))}}`],
    ['and colons after an escape', `{${JSON.stringify('a\\')}:${JSON.stringify(`${':'.repeat(5000)}"`)}}`],
  ])('may have this many keys: %s', (_, text) => {
    expect(readJson(text)).toEqual(JSON.parse(text))
  })

  test.each([
    ['in one object', `{${keys(KEYS + 1)}}`],
    ['the same again and again', `{${'"a":1,'.repeat(KEYS)}"a":1}`],
    ['in many objects', `[${Array.from({ length: KEYS + 1 }, () => '{"a":1}').join()}]`],
  ])('may not have more keys: %s', (_, text) => {
    expect(() => readJson(text)).toThrow(new JsonProblem(`has more than ${KEYS} keys`))
  })

  test.each([
    ['in one array', `[${'1,'.repeat(VALUES)}1]`],
    ['in many', `[${'[],'.repeat(VALUES)}1]`],
    ['and commas in strings', `[${'1,'.repeat(VALUES)}${JSON.stringify(',",\\,'.repeat(5000))}]`],
  ])('may have this many values: %s', (_, text) => {
    expect(readJson(text)).toEqual(JSON.parse(text))
  })

  test.each([
    ['in one array', `[${'1,'.repeat(VALUES + 1)}1]`],
    ['in many', `[${'[],'.repeat(VALUES + 1)}1]`],
    ['after a string', `[${JSON.stringify(',"\\')},${'1,'.repeat(VALUES)}1]`],
  ])('may not have more values: %s', (_, text) => {
    expect(() => readJson(text)).toThrow(new JsonProblem(`has more than ${VALUES} values`))
  })
})
