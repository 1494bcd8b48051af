import { SetupError } from '../../core/index.ts'
import { codeOf, failureOf } from './failure.ts'
import { SchemaError } from './migrations.ts'

/** Returns a SetupError that says why the database cannot be opened and names the variable. Errors of this program pass unchanged. */
export function openFailure(error: unknown, variable: 'DATABASE_URL' | 'DATA_DIR'): unknown {
  if (error instanceof SchemaError) return new SetupError(`${variable}: ${error.message}`, { cause: error })
  if (codeOf(error) === null) return error
  const { code, cause } = failureOf(error)
  return new SetupError(`${variable}: the database cannot be opened: ${cause} (${code})`, { cause: error })
}
