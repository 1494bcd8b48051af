import { isShort, normalized, withoutCase } from './folding.ts'
import { hiddenProblem, isVisible, withoutIgnorable } from './invisible.ts'
import { formProblem, lengthProblem, tooLong } from './lengths.ts'
import type { Named } from './named.ts'

/** In code points. */
const MAX_ROOM_NAME = 100

/**
 * Returns a room's name as it is stored: without white space at its ends, composed (NFC); or, as `problem`, why it is refused. Digits
 * alone are refused, since they name direct chats in a path.
 */
export function roomNameOf(text: string): Named {
  const problem = formProblem(text)
  if (problem !== null) return { problem }
  const trimmed = text.trim()
  if (!isShort(trimmed, MAX_ROOM_NAME)) return { problem: tooLong(MAX_ROOM_NAME) }
  const name = normalized(trimmed, 'NFC')
  const fault = lengthProblem(name, MAX_ROOM_NAME) ?? faultOf(name)
  return fault === null ? { name } : { problem: fault }
}

/**
 * Returns the key by which room names are equal and rooms are found: without white space at the ends, composed (NFC), without case.
 * Runs of white space count as one space, and what is not seen not at all.
 * @returns null for a text that cannot be a room's name; the names of former versions all have a key
 */
export function roomKey(text: string): string | null {
  if (formProblem(text) !== null) return null
  const trimmed = text.trim()
  if (!isShort(trimmed, MAX_ROOM_NAME)) return null
  const folded = withoutCase(normalized(withoutIgnorable(trimmed), 'NFC'))
  return normalized(folded, 'NFC')
    .replaceAll(/[\s\u2800]+/gu, ' ')
    .trim()
}

function faultOf(name: string): string | null {
  if (!isVisible(name)) return 'must not be empty'
  const hidden = hiddenProblem(name)
  if (hidden !== null) return hidden
  if (/^\p{M}/u.test(name)) return 'must not begin with a combining mark'
  if (/^[0-9]+$/.test(name)) return 'must not be made of digits alone'
  // A URL's path cannot hold these two: every client resolves them.
  if (name === '.' || name === '..') return 'must not be a relative path'
  return null
}
