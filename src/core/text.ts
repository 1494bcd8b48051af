/*
 * What text may be: the same rules for every contract. Text that passes is stored and returned exactly as it came.
 *
 * Each rule looks at the length first, which takes the same time however long the text is: what a stranger sends may be a
 * thousand times longer than anything that passes. Nothing else normalises text, since that takes time that grows with the
 * square of the combining characters in a row.
 */

/**
 * Why a message's body is refused, or null where it is fine.
 * @param limit the most characters (Unicode code points) it may have
 */
export function textProblem(text: string, limit: number): string | null {
  return lengthProblem(text, limit) ?? (/\S/u.test(text) ? formProblem(text) : 'must not be empty')
}

/** Why a room's name is refused, or null. Digits alone are refused since they name direct chats in a path. */
export function nameProblem(name: string): string | null {
  const problem = textProblem(name, 100)
  if (problem !== null) return problem
  if (/^[0-9]+$/.test(name)) return 'must not be made of digits alone'
  // A URL's path cannot hold these two: every client folds them away.
  if (name === '.' || name === '..') return 'must not be a relative path'
  return null
}

/** Why a username is refused, or null. The alphabet is Django's: letters and digits of any script, and @ . + - _ */
export function usernameProblem(username: string): string | null {
  const problem = lengthProblem(username, MAX_USERNAME)
  if (problem !== null) return problem
  if (username === '') return 'must not be empty'
  return /^[\p{L}\p{N}\p{M}@.+_-]+$/u.test(username) ? null : 'may hold only letters, digits and @ . + - _'
}

/**
 * Returns a username as it is kept, in the compatibility form, which may be longer and hold other characters than what came;
 * or why it is refused, as `problem`.
 */
export function usernameOf(text: string): { readonly name: string } | { readonly problem: string } {
  const name = compatibilityForm(text)
  if (name === null) return { problem: tooLong(MAX_USERNAME) }
  const problem = usernameProblem(name)
  return problem === null ? { name } : { problem }
}

/**
 * Returns what makes two usernames one: compatibility forms and case are folded.
 * @returns null for a text that is too long to be a name, or the beginning of one
 */
export function usernameKey(text: string): string | null {
  const name = compatibilityForm(text)
  if (name === null) return null
  // A character at a time, by way of its capital: else the Greek sigma has two small forms, by where it stands.
  const folded = Array.from(name, (character) => character.toLowerCase().toUpperCase().toLowerCase())
  return folded.join('').normalize('NFKC')
}

/** Postgres cannot hold NUL, and half a surrogate pair is not text in any encoding. */
export function formProblem(text: string): string | null {
  if (text.includes('\0')) return 'must not hold the character NUL'
  if (!text.isWellFormed()) return 'must be well-formed Unicode'
  return null
}

export function lengthProblem(text: string, limit: number): string | null {
  // UTF-16 units are never fewer than code points, so most texts need no counting; four units a point bounds the count.
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

/** Null for a text that is longer than any name is before it is composed. */
function compatibilityForm(text: string): string | null {
  return text.length <= MAX_UNCOMPOSED ? text.normalize('NFKC') : null
}

/** In code points. */
const MAX_USERNAME = 150
/** In UTF-16 units: room for the longest name where each of its characters comes as a letter and two marks, or as two pairs. */
const MAX_UNCOMPOSED = 4 * MAX_USERNAME
