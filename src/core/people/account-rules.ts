import { ChatError } from '../errors.ts'
import { formProblem, hiddenProblem, lengthProblem, usernameOf } from '../text/index.ts'

/*
 * The rules for an account's name, password and profile. Each check throws ChatError `invalid`, with the field at fault.
 */

/** In code points. */
const MAX_PASSWORD = 256
const MAX_NAME = 150

/** Checks a username. @returns the name as it is stored */
export function requireUsername(text: string): string {
  const found = usernameOf(text)
  if ('name' in found) return found.name
  throw new ChatError('invalid', `username ${found.problem}`, { field: 'username' })
}

export function requirePassword(field: string, password: string, minLength: number): void {
  refuse(field, lengthProblem(password, MAX_PASSWORD))
  const tooShort = [...password].length < minLength
  refuse(field, tooShort ? `must have at least ${minLength} characters` : formProblem(password))
}

export function requireName(field: string, name: string | undefined): void {
  if (name === undefined) return
  refuse(field, lengthProblem(name, MAX_NAME) ?? formProblem(name))
  refuse(field, hiddenProblem(name))
}

/** Returns whether the text can be a password, so that comparing it is worth the work. */
export function isPassword(text: string): boolean {
  return lengthProblem(text, MAX_PASSWORD) === null
}

function refuse(field: string, problem: string | null): void {
  if (problem !== null) throw new ChatError('invalid', `${field} ${problem}`, { field })
}
