// What names may be, and which of them are the same or look it.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  canBeUsername,
  lookAlikeKey,
  roomKey,
  roomNameOf,
  usernameKey,
  usernameOf,
} from '../../src/core/index.ts'

/** Names with what the rules are about in them, far more often than chance has it. */
const anyName = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
      fc.constantFrom(
        ...'aAbIl10 mΣςσßİıᾳаІкʼ٠۰יあ日e\u0301\u0345\u200c\u200d\ufe0f\u20e3☺🏽🇩🇪ک\u094dकﬁ①Ⅷ\u2126',
      ),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** What is not seen by itself. */
const INVISIBLE = [
  ...['\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\u2063', '\ufeff', '\u00ad', '\u061c'],
  ...['\u034f', '\ufe00', '\ufe0f', '\u{e0100}', '\u{e0061}', '\u180b', '\u180e', '\u17b4', '\u17b5'],
  ...['\u115f', '\u1160', '\u3164', '\uffa0', '\u202a', '\u202e', '\u2066', '\u2069', '\ufff9', '\u{1d173}'],
  ...['\n', '\t', '\x07', '\x7f', '\x85', '\u2028', '\u2029'],
]

/** Joiners that show: emoji, Persian, Hindi, Sinhala, Malayalam, Bengali. */
const JOINED = ['می\u200cخواهم', 'خانه\u200cها', 'क्\u200dष', 'क्\u200cष', 'ශ්\u200dරී', 'ന്\u200d', 'ক্\u200cষ']

describe("a room's name", () => {
  test.each([
    ...['lobby', 'a b', '房间', 'غرفة', '7up', '1.0', '-1', '٤٢', '...', 'a/b', '%41', '😀'.repeat(100)],
    ...[
      'Ünïcödé',
      'שלום עולם',
      'مرحبا lobby',
      '한국어',
      'ประเทศไทย',
      '「部屋」',
      'rock ’n’ roll',
      'C++',
      'a\u00a0b',
    ],
    ...[
      '👩‍👩‍👧‍👦',
      '🏳️‍🌈 pride',
      '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
      '1️⃣ first',
      '❤️‍🔥',
      '👍🏽',
      '🧑🏻‍❤️‍💋‍🧑🏿',
      '🇩🇪',
      '☎︎ calls',
      '🫩',
      '👁️‍🗨️',
      '🏴‍☠️',
      '⛹🏽‍♀️',
    ],
    ...JOINED,
  ])('may be %j, and is kept', (name) => {
    expect(roomNameOf(name)).toEqual({ name: name.normalize('NFC') })
  })

  test.each([
    ...[
      '',
      '  ',
      '0',
      '42',
      ' 42 ',
      '007',
      '.',
      '..',
      ' .. ',
      'a\0',
      '\ud800',
      'x'.repeat(101),
      '😀'.repeat(101),
    ],
    ...[
      'a\u200bb',
      'lob\u200dby',
      'lob\u200cby',
      'a\u202eb',
      'a\nb',
      'x\ufe0f',
      '日\u{e0100}',
      'a\u3164b',
      'a\ue000',
    ],
    ...[
      '\u200b',
      '\u2800',
      '\u3164',
      '\u0301a',
      '\u{10ffff}',
      '5\ufe0f',
      '👍\u200d',
      '\u200d👍',
      '🏴\u{e0067}',
      'م\u200c',
      'а\u200dи',
    ],
  ])('may not be %j', (name) => {
    expect(roomNameOf(name)).toEqual({ problem: expect.stringMatching(/^must /) })
  })

  test.each(INVISIBLE)('may not hold %j, nor be nothing else', (character) => {
    for (const name of [`a${character}b`, `lobby${character}.`, `${character}${character}`]) {
      expect(roomNameOf(name)).toEqual({ problem: expect.stringMatching(/^must /) })
    }
  })

  test('is kept without white space at its ends, and composed', () => {
    expect(roomNameOf(' \u3000lobby \n')).toEqual({ name: 'lobby' })
    expect(roomNameOf('cafe\u0301')).toEqual({ name: 'café' })
  })

  test.each([
    ['Lobby', 'lobby'],
    ['lobby ', 'lobby'],
    ['café', 'CAFE\u0301'],
    ['straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['a  b', 'a\u00a0b'],
    ['a\u3000b', 'a b'],
    ['lobby\u200b', 'lobby'],
    ['lo\u034fbby', 'lobby'],
    ['❤️', '❤'],
    ['می\u200cخواهم', 'میخواهم'],
    ['İ', 'i\u0307'],
  ])('%j and %j are one', (one, other) => {
    expect(roomKey(one)).toBe(roomKey(other))
  })

  test.each([
    ['lobby', 'lobby 2'],
    ['a b', 'ab'],
    ['café', 'cafe'],
    ['1', '①'],
    ['lobby', 'lоbby'],
  ])('%j and %j are two', (one, other) => {
    expect(roomKey(one)).not.toBe(roomKey(other))
  })

  test('that is long is looked at no further', () => {
    expect(roomNameOf('a\u0301'.repeat(500_000))).toEqual({ problem: 'must have at most 100 characters' })
    expect(roomKey('a\u0301'.repeat(500_000))).toBeNull()
    expect(roomNameOf('e\u0301'.repeat(100))).toEqual({ name: 'é'.repeat(100) })
    expect(roomNameOf('e\u0301'.repeat(101))).toEqual({ problem: 'must have at most 100 characters' })
  })
})

describe('a username', () => {
  test.each([
    ...['a', 'john_doe', 'ann@example.org', 'o.b-c+d', 'Жук', '王小明', 'नमस्ते', '42', 'x'.repeat(150)],
    ...['José', 'Nguyễn', '한국어', 'ประเทศไทย', 'علی', 'علی_2024', 'علی١', 'שלום', 'דָּוִד', 'Ünsal-7', 'O_o'],
    ...JOINED,
  ])('may be %j', (name) => {
    expect(usernameOf(name)).toEqual({ name: name.normalize('NFKC') })
    expect(canBeUsername(name)).toBeTrue()
  })

  test.each([
    ...['', ' ', 'a b', 'a\nb', "a'b", 'a/b', 'a\0', '😀', '\u200fa', '\ud800', 'x'.repeat(151), 'a ', ' a'],
    ...[
      'lob\u200dby',
      'ali\u200cce',
      '\u0301a',
      'a\u20dd',
      '1\ufe0f\u20e3',
      'abcאבג',
      'אבגabc',
      '2אב',
      'אב.',
      '١٢',
      '١۲',
      'ی٣۴',
    ],
  ])('may not be %j', (name) => {
    expect(usernameOf(name)).toEqual({ problem: expect.stringMatching(/^(must|may|with)/) })
  })

  test.each(INVISIBLE)('may not hold %j, nor be nothing else', (character) => {
    for (const name of [`al${character}ice`, `alice${character}`, `${character}alice`, character]) {
      expect(usernameOf(name)).toEqual({ problem: expect.stringMatching(/^(must|may|with)/) })
    }
  })

  test.each([
    ['Ann', 'ANN'],
    ['straße', 'STRAẞE'],
    ['ﬁn', 'FIN'],
    ['Ａｎｎ', 'ann'],
    ['é', 'e\u0301'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ΟΔΟΣ', 'Οδος'],
  ])('%j and %j are one', (one, other) => {
    expect(usernameKey(one)).toBe(usernameKey(other))
  })

  test.each([
    ['ann', 'anna'],
    ['a', 'а'],
    ['l', '1'],
  ])('%j and %j are two', (one, other) => {
    expect(usernameKey(one)).not.toBe(usernameKey(other))
  })

  test('is kept in its compatibility form, or refused for what that is', () => {
    expect(usernameOf('Ａｎｎ')).toEqual({ name: 'Ann' })
    expect(usernameOf('½')).toEqual({ problem: 'may hold only letters, digits and @ . + - _' })
    expect(usernameOf('x'.repeat(151))).toEqual({ problem: 'must have at most 150 characters' })
  })

  test('of the greatest length may come in four units a character, and no longer text is looked at', () => {
    const pieces = '\u{1109b}\u{110ba}'
    expect(usernameOf(pieces.repeat(75))).toEqual({ name: '\u{1109c}'.repeat(75) })
    expect(usernameKey('a\u0301'.repeat(300))).not.toBeNull()
    expect(usernameKey(`${'a\u0301'.repeat(300)}a`)).toBeNull()
    expect(usernameOf('a\u0301'.repeat(31_000))).toEqual({ problem: 'must have at most 150 characters' })
    expect(lookAlikeKey('a\u0301'.repeat(31_000))).toBeNull()
    expect(canBeUsername('a\u0301'.repeat(31_000))).toBeFalse()
  })

  test('what a name begins with, its key begins with, in any case', () => {
    expect(usernameKey('ΟΔΟΣΑ')).toStartWith(usernameKey('ΟΔΟΣ') ?? '-')
    expect(usernameKey('Annabel')).toStartWith(usernameKey('aNN') ?? '-')
  })

  test.each(['al\u034fice', '\u3164', 'a\u{e0100}', '2אב', 'a\u20dd'])(
    'of an earlier version signs in: %j',
    (name) => {
      expect(canBeUsername(name)).toBeTrue()
      expect(usernameKey(name)).not.toBeNull()
    },
  )
})

describe('look-alikes', () => {
  test.each([
    ['admin', 'аdmin'],
    ['paypal', 'раураl'],
    ['BOB', 'ВОВ'],
    ['Ian', 'Ιan'],
    ['Иван', 'ивaн'],
    ['scope', 'ѕсоре'],
    ['lobby', 'lοbby'],
    ['ニ', '二'],
    ['alice', 'al\u034fice'],
    ['x2', 'x²'],
    ['modern', 'rnodеrn'],
    ['admin', 'ADM\u0406N'],
    ['admin', 'ADMI\u039d'],
    ['billing', 'B\u0406LLING'],
    ['paypal', 'раураI'],
  ])('%j and %j look alike', (one, other) => {
    expect(lookAlikeKey(one)).toBe(lookAlikeKey(other))
  })

  test.each([
    ['ann', 'anne'],
    ['jose', 'josé'],
    ['müller', 'muller'],
    ['иван', 'ivan'],
    ['علی', 'علا'],
    ['部屋1', '部屋2'],
  ])('%j and %j do not', (one, other) => {
    expect(lookAlikeKey(one)).not.toBe(lookAlikeKey(other))
  })

  test('what looks like a letter looks like it in any case', () => {
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
      expect(lookAlikeKey(`x${letter.toUpperCase()}`)).toBe(lookAlikeKey(`x${letter}`))
    }
  })

  test('the digits of no script look like each other', () => {
    const digits = Array.from({ length: 0x1fbfa }, (_, code) => String.fromCodePoint(code)).filter(
      (character) => /\p{Nd}/u.test(character),
    )
    for (let zero = 0; zero < digits.length; zero += 10) {
      expect(new Set(digits.slice(zero, zero + 10).map(lookAlikeKey)).size).toBe(10)
    }
  })
})

describe('for any text', () => {
  test('keys do not change when they are made of a key', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        for (const key of [usernameKey, roomKey, lookAlikeKey]) {
          const made = key(text)
          if (made !== null && made.length < 300) expect(key(made)).toBe(made)
        }
      }),
    )
  })

  test('a name that is accepted stays as it is when it is given again, and has keys', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const room = roomNameOf(text)
        if ('name' in room) {
          expect(room.name.normalize('NFC')).toBe(room.name)
          expect(roomNameOf(room.name)).toEqual(room)
          expect(roomKey(room.name)).toBe(roomKey(text))
          expect(roomKey(room.name)).not.toBe('')
        }
        const user = usernameOf(text)
        if ('name' in user) {
          expect(user.name.normalize('NFKC')).toBe(user.name)
          expect(usernameOf(user.name)).toEqual(user)
          expect(usernameKey(user.name)).toBe(usernameKey(text))
          expect(lookAlikeKey(user.name)).not.toBe('')
        }
      }),
    )
  })

  test('names that differ only in composition, case or what is not seen are one room', () => {
    fc.assert(
      fc.property(
        anyName,
        fc.constantFrom(...INVISIBLE.filter((each) => /\p{DI}/u.test(each))),
        (text, hidden) => {
          if (!('name' in roomNameOf(text))) return
          for (const other of [text.normalize('NFD'), ` ${text}\u2003`, text + hidden]) {
            expect(roomKey(other)).toBe(roomKey(text))
          }
        },
      ),
    )
  })
})
