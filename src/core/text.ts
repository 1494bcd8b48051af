/** What text may be: the same rules for every contract. Text that passes is stored and returned exactly as it came. */

/**
 * Why a message's body is refused, or null where it is fine.
 * @param limit the most characters (Unicode code points) it may have
 */
export function textProblem(text: string, limit: number): string | null {
  if (!/\S/u.test(text)) return 'must not be empty'
  return formProblem(text) ?? lengthProblem(text, limit)
}

/** Why a room's name is refused, or null. Digits alone are refused since they name direct chats in a path. */
export function nameProblem(name: string): string | null {
  if (!/\S/u.test(name)) return 'must not be empty'
  const problem = formProblem(name) ?? lengthProblem(name, 100)
  if (problem !== null) return problem
  if (/^[0-9]+$/.test(name)) return 'must not be made of digits alone'
  // A URL's path cannot hold these two: every client folds them away.
  if (name === '.' || name === '..') return 'must not be a relative path'
  return null
}

/** Why a username is refused, or null. The alphabet is Django's: letters and digits of any script, and @ . + - _ */
export function usernameProblem(username: string): string | null {
  if (username === '') return 'must not be empty'
  if (!/^[\p{L}\p{N}\p{M}@.+_-]+$/u.test(username)) return 'may hold only letters, digits and @ . + - _'
  return lengthProblem(username, 150)
}

/** What makes two usernames one: compatibility forms and case are folded. */
export function usernameKey(username: string): string {
  // A character at a time, by way of its capital: else the Greek sigma has two small forms, by where it stands.
  const folded = Array.from(username.normalize('NFKC'), (character) =>
    character.toLowerCase().toUpperCase().toLowerCase(),
  )
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
  return `must have at most ${limit} characters`
}
