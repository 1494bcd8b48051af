/*
 * The rules for text, the same for every contract. Text that passes is stored and returned exactly as it was sent.
 *
 * Each rule checks the length first, which takes constant time: text of an unknown client may be a thousand times longer than anything
 * that passes. No other file normalises text, since the time for that grows with the square of the combining characters in a row.
 */

/**
 * Returns why a message's body is refused; null if it is fine.
 * @param limit the most characters (Unicode code points) it may have
 */
export function textProblem(text: string, limit: number): string | null {
  return lengthProblem(text, limit) ?? (/\S/u.test(text) ? formProblem(text) : 'must not be empty')
}

/** Returns why a room's name is refused; null if it is fine. Digits alone are refused, since they name direct chats in a path. */
export function nameProblem(name: string): string | null {
  const problem = textProblem(name, 100)
  if (problem !== null) return problem
  if (/^[0-9]+$/.test(name)) return 'must not be made of digits alone'
  // A URL's path cannot hold these two: every client resolves them.
  if (name === '.' || name === '..') return 'must not be a relative path'
  return null
}

/** Returns why a username is refused; null if it is fine. The alphabet is Django's: letters and digits of any script, and @ . + - _ */
export function usernameProblem(username: string): string | null {
  const problem = lengthProblem(username, MAX_USERNAME)
  if (problem !== null) return problem
  if (username === '') return 'must not be empty'
  return /^[\p{L}\p{N}\p{M}@.+_-]+$/u.test(username) ? null : 'may hold only letters, digits and @ . + - _'
}

/**
 * Returns a username as it is stored, in the compatibility form (NFKC), which may be longer and hold other characters than the input;
 * or, as `problem`, why it is refused.
 */
export function usernameOf(text: string): { readonly name: string } | { readonly problem: string } {
  const name = compatibilityForm(text)
  if (name === null) return { problem: tooLong(MAX_USERNAME) }
  const problem = usernameProblem(name)
  return problem === null ? { name } : { problem }
}

/**
 * Returns the key that equal usernames share: compatibility forms and case are folded.
 * @returns null for a text that is too long for a name or the beginning of one
 */
export function usernameKey(text: string): string | null {
  const name = compatibilityForm(text)
  if (name === null) return null
  // One character at a time and by way of its capital: otherwise a Greek sigma would be folded by its position in the word.
  const folded = Array.from(name, (character) => character.toLowerCase().toUpperCase().toLowerCase())
  return folded.join('').normalize('NFKC')
}

/** Returns why a text cannot be stored: Postgres cannot hold NUL, and half a surrogate pair is not text in any encoding. */
export function formProblem(text: string): string | null {
  if (text.includes('\0')) return 'must not hold the character NUL'
  if (!text.isWellFormed()) return 'must be well-formed Unicode'
  return null
}

export function lengthProblem(text: string, limit: number): string | null {
  // A text has at least as many UTF-16 units as code points, so most texts need no counting. Four units per code point bound the count.
  if (text.length <= limit) return null
  if (text.length <= limit * 2) {
    let points = 0
    for (const _ of text) points++
    if (points <= limit) return null
  }
  return tooLong(limit)
}

function tooLong(limit: number): string {
  return `must have at most ${limit} characters`
}

/** Returns the compatibility form (NFKC); null for a text that is longer than any name is before it is composed. */
function compatibilityForm(text: string): string | null {
  return text.length <= MAX_UNCOMPOSED ? text.normalize('NFKC') : null
}

/** In code points. */
const MAX_USERNAME = 150
/** In UTF-16 units: enough for the longest name if each of its characters is sent as a letter and two marks, or as two surrogate pairs. */
const MAX_UNCOMPOSED = 4 * MAX_USERNAME
