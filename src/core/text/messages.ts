import { isVisible } from './invisible.ts'
import { formProblem, lengthProblem } from './lengths.ts'

/**
 * Returns why a message's body is refused; null if it is fine.
 * @param limit the most characters (Unicode code points) it may have
 */
export function textProblem(text: string, limit: number): string | null {
  return lengthProblem(text, limit) ?? (isVisible(text) ? formProblem(text) : 'must not be empty')
}

export const KIND = /^[a-z][a-z0-9_-]{0,31}$/
/** The kind of the server's own messages, which nobody may send. */
export const SERVERS_KIND = 'system'

/** Returns why a message cannot be of this kind, or null. */
export function kindProblem(kind: string): string | null {
  if (!KIND.test(kind)) return 'must be a lower-case word of at most 32 characters'
  return kind === SERVERS_KIND ? `must not be "${SERVERS_KIND}", which is the server's` : null
}
