import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  formProblem,
  lengthProblem,
  nameProblem,
  textProblem,
  usernameKey,
  usernameOf,
  usernameProblem,
} from '../../src/core/index.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 40 })

describe('a body', () => {
  test.each(['', ' ', '\n\t', '\u00a0', '\u2003', '\u3000', '\u2028', '\ufeff'])(
    'may not be blank: %j',
    (text) => {
      expect(textProblem(text, 10)).toBe('must not be empty')
    },
  )

  test.each([' a ', '\u200f', '\u202etxt.exe', '👩‍👩‍👧‍👦', '\\', '"', '{,}', 'NULL', '\r\n.'])(
    'may be %j',
    (text) => {
      expect(textProblem(text, 10)).toBeNull()
    },
  )

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

describe("a room's name", () => {
  test.each([
    'lobby',
    'a b',
    '房间',
    'غرفة',
    '7up',
    '1.0',
    '-1',
    '٤٢',
    '...',
    'a/b',
    '%41',
    '😀'.repeat(100),
  ])('may be %j', (name) => {
    expect(nameProblem(name)).toBeNull()
  })

  test.each(['', '  ', '0', '42', '007', '.', '..', 'a\0', '\ud800', 'x'.repeat(101), '😀'.repeat(101)])(
    'may not be %j',
    (name) => {
      expect(nameProblem(name)).not.toBeNull()
    },
  )
})

describe('a username', () => {
  test.each(['a', 'john_doe', 'ann@example.org', 'o.b-c+d', 'Жук', '王小明', 'नमस्ते', '42', 'x'.repeat(150)])(
    'may be %j',
    (name) => {
      expect(usernameProblem(name)).toBeNull()
    },
  )

  test.each(['', ' ', 'a b', 'a\nb', "a'b", 'a/b', 'a\0', '😀', '\u200fa', '\ud800', 'x'.repeat(151)])(
    'may not be %j',
    (name) => {
      expect(usernameProblem(name)).not.toBeNull()
    },
  )

  test.each([
    ['Ann', 'ANN'],
    ['straße', 'STRAẞE'],
    ['ﬁn', 'FIN'],
    ['Ａｎｎ', 'ann'],
    ['é', 'e\u0301'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ΟΔΟΣ', 'Οδος'],
  ])('%j and %j are the same', (one, other) => {
    expect(usernameKey(one)).toBe(usernameKey(other))
  })

  test('is kept in its compatibility form, or refused because of it', () => {
    expect(usernameOf('Ａｎｎ')).toEqual({ name: 'Ann' })
    expect(usernameOf('½')).toEqual({ problem: usernameProblem('1⁄2') ?? '' })
    expect(usernameOf('x'.repeat(151))).toEqual({ problem: 'must have at most 150 characters' })
  })

  test('of the maximum length may have four UTF-16 units per character, and no longer text is examined', () => {
    const pieces = '\u{1109b}\u{110ba}'
    expect(usernameOf(pieces.repeat(75))).toEqual({ name: '\u{1109c}'.repeat(75) })
    expect(usernameKey('a\u0301'.repeat(300))).not.toBeNull()
    expect(usernameKey(`${'a\u0301'.repeat(300)}a`)).toBeNull()
    expect(usernameOf('a\u0301'.repeat(31_000))).toEqual({ problem: 'must have at most 150 characters' })
  })

  test('a beginning of a name gives a beginning of its key, in any case', () => {
    expect(usernameKey('ΟΔΟΣΑ')).toStartWith(usernameKey('ΟΔΟΣ') ?? '-')
    expect(usernameKey('Annabel')).toStartWith(usernameKey('aNN') ?? '-')
  })

  test.each([
    ['ann', 'anna'],
    ['a', 'а'],
    ['l', '1'],
  ])('%j and %j are different', (one, other) => {
    expect(usernameKey(one)).not.toBe(usernameKey(other))
  })
})

function unit(code: number): string {
  return String.fromCharCode(code)
}
