import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formProblem, lengthProblem, textProblem } from '../../src/core/index.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 40 })

describe('a body', () => {
  test.each([
    ...['', ' ', '\n\t', '\u00a0', '\u2003', '\u3000', '\u2028', '\ufeff'],
    ...[
      '\u200b',
      '\u200f',
      '\u202e',
      '\u2066 \u2069',
      '\u00ad',
      '\u2060',
      '\u3164',
      '\uffa0',
      '\u115f\u1160',
    ],
    ...[
      '\u034f',
      '\ufe0f',
      '\u{e0100}',
      '\u180b',
      '\u17b4',
      '\u{e0061}',
      '\x07\x1b',
      '\x85',
      '\u2800',
      '\u{1d159}',
    ],
  ])('may not be blank: %j', (text) => {
    expect(textProblem(text, 10)).toBe('must not be empty')
  })

  test.each([
    ...[' a ', '\u200f.', '\u202etxt.exe', '👩‍👩‍👧‍👦', '\\', '"', '{,}', 'NULL', '\r\n.'],
    ...['\u0301', '\u06dd', '\ufffd', '\ufffc', '☺\ufe0f', '\u2801', '\ue000', '\u{1faff}', '١'],
  ])('may be %j', (text) => {
    expect(textProblem(text, 10)).toBeNull()
  })

  test('may not contain NUL', () => {
    expect(textProblem('a\0b', 10)).toContain('NUL')
  })

  test.each(['\ud800', 'a\udc00', '\udc00\ud800'])('may not contain half a surrogate pair', (text) => {
    expect(textProblem(text, 10)).toContain('well-formed')
  })

  test('is measured in code points', () => {
    expect(textProblem('😀'.repeat(10), 10)).toBeNull()
    expect(textProblem('😀'.repeat(11), 10)).toBe('must have at most 10 characters')
    expect(textProblem(`${'😀'.repeat(5)}aaaaaa`, 10)).not.toBeNull()
  })
})

test('the length is the number of code points, for any text and limit', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 45 }), (text, limit) => {
      expect(lengthProblem(text, limit) === null).toBe([...text].length <= limit)
    }),
  )
})

test('well-formed text without NUL is fine, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(unit), maxLength: 20 }), (text) => {
      const storable =
        !text.includes('\0') && new TextDecoder().decode(new TextEncoder().encode(`.${text}`)) === `.${text}`
      expect(formProblem(text) === null).toBe(storable)
    }),
  )
})

function unit(code: number): string {
  return String.fromCharCode(code)
}
