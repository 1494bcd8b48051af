import { isVisible } from './invisible.ts'
import { formProblem, lengthProblem } from './lengths.ts'

/**
 * Returns why a message's body is refused; null if it is fine.
 * @param limit the most characters (Unicode code points) it may have
 */
export function textProblem(text: string, limit: number): string | null {
  return lengthProblem(text, limit) ?? (isVisible(text) ? formProblem(text) : 'must not be empty')
}
