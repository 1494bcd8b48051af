import { JOINS_NEXT, JOINS_PREVIOUS, VIRAMA } from './tables.ts'

/*
 * Characters that nobody sees: with them two texts can differ and look the same, or a text can look like nothing.
 *
 * The empty cell of Braille (U+2800) counts as white space. U+1D159, U+13441, U+13442 and U+16FE4 have empty glyphs, but no property
 * that says so.
 */

/** Visible characters, among them the format characters (Cf) with a glyph: signs around numbers and verses. */
export const VISIBLE =
  /[^\s\u2800\p{DI}\p{Cc}\p{Cf}\u{1d159}\u{13441}\u{13442}\u{16fe4}]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u

/** What no name may hold by itself: control, format, private and unassigned characters, line breaks, and what has no glyph. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u{1d159}\u{13441}\u{13442}\u{16fe4}]/u

/**
 * Emoji as UTS #51 defines them, ED-9 to ED-16: flags, keycaps, tag sequences, and pictographs with a style or a skin tone that are
 * joined by U+200D. Pictographs that Unicode has only reserved are among them.
 */
const EMOJI = (() => {
  const flag = String.raw`\p{RI}{2}`
  const keycap = String.raw`[0-9#*]\ufe0f?\u20e3`
  const tags = String.raw`(?:[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f})?`
  const pictograph = String.raw`\p{ExtPict}(?:[\ufe0e\ufe0f]|\p{EMod}\ufe0f?)?${tags}`
  return new RegExp(String.raw`${flag}|${keycap}|${pictograph}(?:\u200d${pictograph})*`, 'gu')
})()

/** Joiners where they change how a script is written: RFC 5892, appendices A.1 and A.2. */
const JOINERS_IN_CONTEXT = new RegExp(
  String.raw`(?<=[${VIRAMA}])[\u200c\u200d]|(?<=[${JOINS_NEXT}][\p{Mn}\p{Me}]*)\u200c(?=[\p{Mn}\p{Me}]*[${JOINS_PREVIOUS}])`,
  'gu',
)

/** Returns whether a text shows anything at all. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text)
}

/**
 * Returns why a name is refused that holds characters which are not seen, or which change how others are seen: control and direction
 * characters, empty letters, variation selectors, joiners. Those of emoji sequences, and joiners that a script needs, are fine.
 * @param name as short as a name
 */
export function hiddenProblem(name: string): string | null {
  const hides = HIDDEN.test(name) && HIDDEN.test(withoutJoiners(name.replaceAll(EMOJI, '☺')))
  return hides ? 'must not hold invisible, control or direction characters' : null
}

/** Returns a text without the joiners that its scripts need. */
export function withoutJoiners(text: string): string {
  return text.replaceAll(JOINERS_IN_CONTEXT, '')
}

/** Returns a text without what fonts and browsers ignore, so that texts which look equal for that reason are equal. */
export function withoutIgnorable(text: string): string {
  return text.replaceAll(/\p{DI}/gu, '')
}
