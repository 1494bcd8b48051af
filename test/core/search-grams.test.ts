// What is found by which grams: everything that contains the words, and little else.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { askedGramsOf, gramsOf } from '../../src/core/search/grams.ts'
import { queryOf } from '../../src/core/search/query.ts'
import { searchText, searchTextWithPlaces } from '../../src/core/text/search-text.ts'

/** Texts with what folding and grams are about in them, far more often than chance has it. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
      fc.constantFrom(
        ...[
          'Straße',
          'ΑΣ',
          'ΣΑΣ',
          'İı',
          'e\u0301',
          'ﬁ',
          '①',
          'ｶﾞ',
          '가\u11a8',
          '\u1100\u1161\u11a8',
          '한국어',
          '日本語',
          'ー',
        ],
        ...[
          'ok',
          ' ',
          '\n',
          '\u3000',
          '👍🏽',
          '❤️',
          '👩‍👩‍👧',
          '🇩🇪',
          '\u00ad',
          'e\u200d\u0301',
          'ab',
          'x',
          '_',
          '0',
          '"',
          '\u0345',
          'ŉ',
        ],
      ),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''))
const anyPart = fc.tuple(anyText, fc.nat(), fc.integer({ min: 1, max: 12 })).map(([text, from, length]) => {
  const points = Array.from(searchText(text))
  const start = points.length === 0 ? 0 : from % points.length
  return { text, part: points.slice(start, start + length).join('') }
})

describe('a text as it is searched', () => {
  test('is folded whole as it is piece by piece, with the place of each piece', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: folded, originOf } = searchTextWithPlaces(text)
        expect(folded).toBe(searchText(text))
        if (folded.length > 0) expect(originOf(0, folded.length)[1]).toBeLessThanOrEqual(text.length)
        for (let i = 0; i < folded.length; i++) {
          const [start, end] = originOf(i, i + 1)
          expect(searchText(text.slice(start, end)).includes(folded.charAt(i))).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['Straße', 'STRASSE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['ＡＢＣ', 'abc'],
    ['ｶﾞｷﾞ', 'ガギ'],
    ['e\u0301', 'É'],
    ['soft\u00adhyphen', 'softhyphen'],
    ['❤️', '❤'],
    ['한국', '\u1112\u1161\u11ab국'],
  ])('%s is the same as %s', (one, other) => {
    expect(searchText(one)).toBe(searchText(other))
  })

  test('a long row of combining characters is folded in a time that grows with its length', () => {
    const from = performance.now()
    searchText(`e${'\u0301\u0316'.repeat(8000)}`)
    expect(performance.now() - from).toBeLessThan(5000)
  })
})

describe('the grams of a text', () => {
  test('are among them those that are asked for any part of it', () => {
    fc.assert(
      fc.property(anyPart, ({ text, part }) => {
        const asked = askedGramsOf(part)
        if (asked === null) return
        const grams = new Set(gramsOf(searchText(text)))
        for (const gram of asked.all) expect(grams.has(gram)).toBe(true)
        if (asked.some !== null) expect(asked.some.some((gram) => grams.has(gram))).toBe(true)
        for (const gram of [...asked.all, ...(asked.some ?? [])]) {
          expect(gram).toBeGreaterThanOrEqual(0)
          expect(gram).toBeLessThan(2 ** 31)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('are asked for two letters, one character of Chinese, Japanese and Korean, and one emoji', () => {
    for (const text of ['ok', 'ко', '好', 'の', '국', '👍', '你好', 'a好', 'a b'])
      expect(askedGramsOf(text)).not.toBeNull()
    for (const text of ['a', 'я', ' ', '', 'a ']) expect(askedGramsOf(text)).toBeNull()
  })

  test('are as the database has them', () => {
    expect(gramsOf('ok 你好')).toEqual(OK)
  })
})

const OK = [938571712, 894693730, 1431127278, 516658143, 1547938058]

describe('a query', () => {
  test('has words and phrases, each once', () => {
    expect(queryOf('Hello  "two words" hello x').terms).toEqual(['hello', 'two words', 'x'])
    expect(queryOf('an "open phrase').terms).toEqual(['an', 'open phrase'])
  })

  test.each([
    ['', 'q: must have a word of at least two characters, or one of Chinese, Japanese or Korean'],
    ['a', 'q: must have a word of at least two characters, or one of Chinese, Japanese or Korean'],
    ['""', 'q: must have a word of at least two characters, or one of Chinese, Japanese or Korean'],
    ['x'.repeat(257), 'q: must have at most 256 characters'],
    ['a\0b', 'q: must not hold the character NUL'],
    ['ab\ud800', 'q: must be well-formed Unicode'],
    [Array.from({ length: 33 }, (_, i) => `w${i}`).join(' '), 'q: must have at most 32 words'],
  ])('is refused if it is %j', (text, problem) => {
    expect(() => queryOf(text)).toThrow(problem)
  })

  test('asks for a bounded number of grams', () => {
    for (const text of [
      'abc'.repeat(85),
      '好的'.repeat(128),
      Array.from({ length: 32 }, (_, i) => `${i}xyzab`).join(' '),
    ]) {
      const { grams, some } = queryOf(text)
      expect(grams.length + some.flat().length).toBeLessThan(200)
    }
  })
})
