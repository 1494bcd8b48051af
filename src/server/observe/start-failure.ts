import { SetupError } from '../../core/index.ts'

/**
 * Returns why the server did not start. If the operator can mend it, that is one line, which names the variable. Anything else is a
 * fault of the program, so the stack is added.
 */
export function failureLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // The configuration imports nothing, so its errors are recognised by their name.
  const mendable = error instanceof SetupError || error.name === 'ConfigError'
  return mendable ? error.message : (error.stack ?? String(error))
}
