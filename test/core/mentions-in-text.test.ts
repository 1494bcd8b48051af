import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { namedIn, usernameKey, usernameOf } from '../../src/core/index.ts'

/** The shortest key of each name in a text, and the words for many. */
function named(text: string): string[] {
  const found = namedIn(text)
  if (found === null) return []
  const many = [...(found.room ? ['@room'] : []), ...(found.online ? ['@online'] : [])]
  return [...found.names.map((keys) => keys.at(-1) ?? ''), ...many]
}

describe('the names in a text', () => {
  test.each([
    ['@alice', ['alice']],
    ['hello @alice and @bob', ['alice', 'bob']],
    ['(@alice), "@bob": @carol!', ['alice', 'bob', 'carol']],
    ['…@alice', ['alice']],
    ['@ALICE @alice @Alice', ['alice']],
    ['@ａｌｉｃｅ', ['alice']],
    ['@alice, or @alice.', ['alice']],
    ["@alice's", ['alice']],
    ['@alice\n@bob', ['alice', 'bob']],
    ['@Σίσυφος', ['σίσυφοσ']],
    ['@張三 hello', ['張三']],
    ['@room @online', ['@room', '@online']],
    ['@Room! @online.', ['@room', '@online']],
    ['@roommate', ['roommate']],
    ['write to bob@example.com', []],
    ['bob@', []],
    ['@', []],
    ['@ alice', []],
    ['@@', []],
    ['＠alice', []],
    ['no names', []],
  ])('%j: %p', (text, expected) => {
    expect(named(text)).toEqual(expected)
  })

  test('a name may be meant with the punctuation at its end or without it', () => {
    expect(namedIn('ask @bob@example.com.')?.names).toEqual([['bob@example.com.', 'bob@example.com']])
  })

  test('look-alikes are other names', () => {
    expect(named('@аlice @alice')).toEqual(['аlice', 'alice'])
  })

  test('every username that a text names is found', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map(usernameOf)
      .filter((found) => 'name' in found)
      .map((found) => ('name' in found ? found.name : ''))
      .filter((name) => /[^@.+_-]/.test(name))
    fc.assert(
      fc.property(
        names,
        fc.constantFrom('', 'hi ', '('),
        fc.constantFrom('', ' ', ')', ', please'),
        (name, before, after) => {
          const keys = namedIn(`${before}@${name}${after}`)
          const found = [
            ...(keys?.names.flat() ?? []),
            ...(keys?.room ? ['room'] : []),
            ...(keys?.online ? ['online'] : []),
          ]
          expect(found).toContain(usernameKey(name) ?? '')
        },
      ),
      { numRuns: 500 },
    )
  })

  test('at most 50 different names are looked for', () => {
    const text = Array.from({ length: 80 }, (_, n) => `@user${n}`).join(' ')
    expect(named(`@room ${text} ${text} @online`)).toHaveLength(51)
  })

  test.each([
    ['@ alone', '@'.repeat(100_000)],
    ['@ and spaces', '@ '.repeat(50_000)],
    ['addresses', 'a@'.repeat(50_000)],
    ['one long name', `@${'a'.repeat(100_000)}`],
    ['full stops', `@${'.'.repeat(100_000)}`],
    ['marks in a row', `@a${'\u0300\u0316'.repeat(50_000)}`],
    ['many names with marks', `@a${'\u0300\u0316'.repeat(290)} `.repeat(170)],
    [
      'many names with other marks',
      Array.from({ length: 170 }, (_, n) => `@a${n}${'\u0300\u0316'.repeat(290)} `).join(''),
    ],
    ['many different names', Array.from({ length: 14_000 }, (_, n) => `@u${n} `).join('')],
    ['joiners', `@${'\u200d'.repeat(100_000)}`],
    ['halves of pairs', '@\ud83d'.repeat(50_000)],
  ])('hostile text is read in a moment: %s', (_, text) => {
    const begun = performance.now()
    named(text)
    // Some ten milliseconds; a time that grows with the square would be minutes.
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})
