import { ChatError, StaleFacts } from '../core/index.ts'

/** Runs a query and turns what can go wrong with its server into the core's errors. */
export type Guard = <T>(run: () => Promise<T>) => Promise<T>

/**
 * @param timeoutMs after which a query that has not answered counts as `unavailable`; it may still take effect
 * @param onLate told of each such one
 */
export function guarded(timeoutMs: number, onLate: () => void = () => undefined): Guard {
  return async (run) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        onLate()
        reject(unavailable(new Error('no answer in time')))
      }, timeoutMs)
    })
    try {
      return await Promise.race([run(), late])
    } catch (error) {
      throw translated(error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The SQLSTATE of a database's error, or the driver's own code; null for any other error. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  // drizzle wraps the driver's error.
  return codeOf(error.cause)
}

export const UNIQUE_VIOLATION = '23505'
export const FOREIGN_KEY_VIOLATION = '23503'
/** Raised by the functions of `drizzle/functions/`. */
export const STALE_FACTS = 'PA001'
export const ROOM_GONE = 'PA002'
export const NEEDS_CARE = 'PA003'

/** 08 connection, 25006 read-only, 40 deadlock and the like, 53 disk full and the like, 57 shutdown and timeouts, 58 I/O. */
const passing = /^(08...|25006|40...|53...|57...|58...)$/
/** postgres.js's and the system's. */
const connection =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET|ERR_STREAM|ABORT)/

function translated(error: unknown): unknown {
  const code = codeOf(error)
  if (code === null) return error
  if (code === STALE_FACTS) return new StaleFacts()
  if (code === ROOM_GONE) return new ChatError('not_found', 'Room not found')
  // A user's row was removed after it was looked up.
  if (code === FOREIGN_KEY_VIOLATION) return new ChatError('conflict', 'A user of this request was removed')
  return passing.test(code) || connection.test(code) ? unavailable(error) : error
}

function unavailable(cause: unknown): ChatError {
  const error = new ChatError('unavailable', 'The database is not available, try again', {
    retryAfterMs: 1000,
  })
  error.cause = cause
  return error
}
