// The piece of a message that is shown for a hit.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { containsAll, excerptOf } from '../../src/core/search/excerpt.ts'
import { searchText } from '../../src/core/text/search-text.ts'

const marked = (text: string, ...terms: readonly string[]) =>
  excerptOf(text, terms.map(searchText))
    .map(({ text: part, match }) => (match ? `[${part}]` : part))
    .join('')

test.each([
  ['Hello, World!', ['world'], 'Hello, [World]!'],
  ['Hello, World!', ['wor', 'orld', 'hello'], '[Hello], [World]!'],
  ['aaaa', ['aa'], '[aaaa]'],
  ['Die STRASSE, die Straße', ['straße'], 'Die [STRASSE], die [Straße]'],
  ['ＷＩＤＥ ﬁne', ['wide', 'fin'], '[ＷＩＤＥ] [ﬁn]e'],
  ['今日は会議です', ['会議'], '今日は[会議]です'],
  ['nothing here', [], 'nothing here'],
  ['👩‍👩‍👧 family', ['👩'], '[👩‍👩‍]👧 family'],
])('%s for %j', (text, terms, shown) => {
  expect(marked(text, ...terms)).toBe(shown)
})

test('a long message is cut around the first match, at spaces if there are some near', () => {
  const text = `${'lorem ipsum '.repeat(100)}needle ${'dolor sit '.repeat(100)}`
  const shown = marked(text, 'needle')
  expect(shown).toContain(' [needle] ')
  expect(shown.length).toBeLessThanOrEqual(242)
  expect(shown).toMatch(/^(lorem|ipsum) .* (dolor|sit)$/)
})

test('an excerpt is a piece of the text with every match that begins in it, at most 240 units long, and no character is cut', () => {
  const anyText = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 9 }),
        fc.constantFrom(' ', 'ab', '日', '😀', 'ﬁ', 'ß'),
      ),
      {
        maxLength: 150,
      },
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(anyText, fc.constantFrom('ab', '日', '😀', 'i', 'ss', 'fi'), (text, term) => {
      const parts = excerptOf(text, [term])
      const whole = parts.map((part) => part.text).join('')
      expect(text.includes(whole)).toBe(true)
      expect(whole.length).toBeLessThanOrEqual(240)
      if (text.isWellFormed()) for (const part of parts) expect(part.text.isWellFormed()).toBe(true)
      expect(parts.some(({ match }) => match)).toBe(containsAll(text, [term]))
      for (const { text: part, match } of parts)
        if (!match) expect(searchText(part).includes(term)).toBe(false)
    }),
    { numRuns: 300 },
  )
})
