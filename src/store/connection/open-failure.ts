import { SetupError } from '../../core/index.ts'
import { codeOf, failureOf } from './failure.ts'
import { SchemaError } from './migrations.ts'

/** Why the database cannot be opened, with the variable that says which one it is. Faults of this program stay as they are. */
export function openFailure(error: unknown, variable: 'DATABASE_URL' | 'DATA_DIR'): unknown {
  if (error instanceof SchemaError) return new SetupError(`${variable}: ${error.message}`, { cause: error })
  if (codeOf(error) === null) return error
  const { code, cause } = failureOf(error)
  return new SetupError(`${variable}: the database cannot be opened: ${cause} (${code})`, { cause: error })
}
