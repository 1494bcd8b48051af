import { ARABIC_NUMBER, RIGHT_TO_LEFT } from './tables.ts'

/*
 * The Bidi Rule of RFC 5893, section 2, for names of letters, digits, marks, joiners and @ . + - _: without it the parts of a name can be
 * shown in another order than they are in, beside another name or at the end of a line.
 */

const RTL = `${RIGHT_TO_LEFT}${ARABIC_NUMBER}`
const HAS_RTL = new RegExp(`[${RTL}]`, 'u')
/** ASCII's digits and the extended Arabic-Indic ones are European numbers (EN). */
const EUROPEAN = String.raw`0-9\u{6f0}-\u{6f9}`
const RTL_NAME = new RegExp(
  String.raw`^[${RIGHT_TO_LEFT}](?:[${RTL}${EUROPEAN}@.+_\p{Mn}\u{200c}\u{200d}\-]*[${RTL}${EUROPEAN}]\p{Mn}*|\p{Mn}*)$`,
  'u',
)
const HAS_EUROPEAN = new RegExp(`[${EUROPEAN}]`, 'u')
const HAS_ARABIC = new RegExp(`[${ARABIC_NUMBER}]`, 'u')

/** Returns why a name is refused for its direction, or null. */
export function directionProblem(name: string): string | null {
  if (!HAS_RTL.test(name)) return null
  if (!RTL_NAME.test(name)) {
    return 'with right-to-left letters must begin with one, end with one or a digit, and hold no left-to-right letters'
  }
  return HAS_EUROPEAN.test(name) && HAS_ARABIC.test(name) ? 'must not mix European and Arabic digits' : null
}
