import type { Random } from '../../e2e/random.ts'

/** Texts that cost more than others of their length to normalise, fold, match, escape or measure, or that are not what they seem. */
const UNITS: Readonly<Record<string, string>> = {
  'combining marks out of order': '\u0301\u0323',
  'marks of many classes': '\u0345\u0338\u0330\u031b\u0321\u05b0\u064b\u3099',
  'a ligature of eighteen characters': '\ufdfa',
  'compatibility forms': 'ﬀ㎯①Ａ',
  'canonical decompositions of three': '\u{1d160}\u0344\u1e14',
  'conjoining jamo': '\u1100\u1161\u11a8',
  'letters that fold into several': 'ßŉİΐ',
  'families of emoji': '👩‍👩‍👧‍👦',
  flags: '🇩🇪',
  directions: '\u202e\u2066\u202a\u2069',
  invisible: '\u200b\u2060\ufeff\u00ad',
  'variation selectors': 'a\ufe0f\u{e0100}',
  wildcards: '%_\\',
  spaces: ' \u3000\u00a0',
  newlines: '\r\n\t\v',
  quotes: '"\'`',
  'control characters': '\u0001\u001b\u007f',
  nul: '\0',
  'half surrogates': '\ud800\udc00\ud800',
  markup: '<!--<script>&amp;',
  digits: '9',
  'dots and slashes': '../',
  'letters and marks': 'a\u0301e\u0308',
  a: 'a',
}

export const kindsOfText = Object.keys(UNITS)

/** At most so many UTF-8 bytes of one kind, after a plain letter. */
export function hostileText(kind: string, bytes: number): string {
  const unit = UNITS[kind] ?? 'a'
  return `a${unit.repeat(Math.max(1, Math.floor((bytes - 1) / Buffer.byteLength(unit))))}`
}

export function anyText(random: Random, mostBytes: number): string {
  const kind = kindsOfText[random.below(kindsOfText.length)] ?? 'a'
  // Short, about as long as names and messages may be, and as large as goes.
  const sizes = [1, 33, 101, 300, 4001, 16_000, mostBytes]
  return hostileText(kind, Math.min(mostBytes, sizes[random.below(sizes.length)] ?? 1))
}
