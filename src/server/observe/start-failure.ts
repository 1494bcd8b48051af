import { SetupError } from '../../core/index.ts'

/**
 * Why the server did not start, for whoever runs it: one line for what they can mend, which names the variable. Anything else
 * is a fault, of which the stack tells more.
 */
export function failureLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // The configuration imports nothing, so its errors are known by their name.
  const mendable = error instanceof SetupError || error.name === 'ConfigError'
  return mendable ? error.message : (error.stack ?? String(error))
}
