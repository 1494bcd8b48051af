import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { reactionName } from '../../src/core/index.ts'

function nameOf(text: string): string | null {
  const found = reactionName(text)
  return 'name' in found ? found.name : null
}

describe('the name of a reaction', () => {
  test.each([
    '👍',
    '👍🏽',
    '❤️',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '1️⃣',
    '🇳🇿',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '+1',
    'tada',
    'a_b-c',
    '7',
    'x'.repeat(32),
  ])('%s is one', (text) => {
    expect(nameOf(text)).toBe(text)
  })

  test.each([
    ['❤', '❤️'],
    ['👍\ufe0f', '👍'],
    ['☺', '☺️'],
    ['⌚\ufe0f', '⌚'],
    ['1\u20e3', '1️⃣'],
    ['🏴\u200d☠', '🏴\u200d☠️'],
    ['👁\u200d🗨', '👁️\u200d🗨️'],
    ['⛹🏻\u200d♂', '⛹🏻\u200d♂️'],
  ])('%j goes by the name of the same emoji, %j', (text, name) => {
    expect(nameOf(text)).toBe(name)
  })

  test.each([
    '',
    ' ',
    'Tada',
    'two words',
    '👍👍',
    '👍x',
    '👍 ',
    '\u200b',
    '\ufe0f',
    '\u200d',
    '\0',
    'é',
    '日',
    '<b>',
    '%',
    '.',
    '..',
    '\ud83d',
    '\u202e',
    '🏽👍',
    '🇳',
    'x'.repeat(33),
    '👍'.repeat(40),
    `👍${'\ufe0f'.repeat(10_000)}`,
  ])('%j is none', (text) => {
    expect(nameOf(text)).toBeNull()
  })

  test('is never longer than a column of emoji, nor invisible, and is its own name', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.stringMatching(/^[a-z0-9_+-]{1,33}$/),
      fc
        .array(fc.constantFrom('👍', '\ufe0f', '\u200d', '🏽', '❤', '1', '\u20e3', '🇳', '🇿', 'a'), {
          maxLength: 6,
        })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const name = nameOf(text)
        if (name === null) return
        expect(name.length).toBeLessThanOrEqual(64)
        expect(name.normalize('NFC')).toBe(name)
        expect(nameOf(name)).toBe(name)
      }),
      { numRuns: 3000 },
    )
  })
})
