import { directionProblem } from './direction.ts'
import { isShort, normalized, withoutCase } from './folding.ts'
import { withoutJoiners } from './invisible.ts'
import { formProblem, lengthProblem, tooLong } from './lengths.ts'
import type { Named } from './named.ts'

/** In code points. */
const MAX_USERNAME = 150

/** Django's alphabet, letters and digits of any script and @ . + - _, without what is not seen and what encloses other characters. */
export const ALPHABET = /^(?:(?!\p{DI})[\p{L}\p{N}\p{Mn}\p{Mc}@.+_-])+$/u

/**
 * Returns a username as it is stored, in the compatibility form (NFKC), which may be longer and hold other characters than the input;
 * or, as `problem`, why it is refused. The rules are those of PRECIS (RFC 8264 and 8265) for joiners, direction and digits.
 */
export function usernameOf(text: string): Named {
  if (!isShort(text, MAX_USERNAME)) return { problem: tooLong(MAX_USERNAME) }
  const name = normalized(text, 'NFKC')
  const problem = usernameProblem(name)
  return problem === null ? { name } : { problem }
}

/** Returns why a username is refused; null if it is fine. */
export function usernameProblem(username: string): string | null {
  const problem = lengthProblem(username, MAX_USERNAME)
  if (problem !== null) return problem
  if (username === '') return 'must not be empty'
  if (!ALPHABET.test(withoutJoiners(username))) return 'may hold only letters, digits and @ . + - _'
  if (/^\p{M}/u.test(username)) return 'must not begin with a combining mark'
  if (/[\u0660-\u0669]/.test(username) && /[\u06f0-\u06f9]/.test(username)) {
    return 'must not mix two kinds of Arabic digits'
  }
  return directionProblem(username)
}

/**
 * Returns the key that equal usernames share, and that an account is found by: compatibility forms and case are folded.
 * @returns null for a text that is too long for a name or the beginning of one
 */
export function usernameKey(text: string): string | null {
  if (!isShort(text, MAX_USERNAME)) return null
  return normalized(withoutCase(normalized(text, 'NFKC')), 'NFKC')
}

/** Returns whether there can be an account of this name, made by whichever version. */
export function canBeUsername(text: string): boolean {
  if (!isShort(text, MAX_USERNAME) || formProblem(text) !== null) return false
  return lengthProblem(normalized(text, 'NFKC'), MAX_USERNAME) === null
}
