import { ChatError, DamagedData, type Restraint, restrained, WriteConflict } from '../../core/index.ts'
import { codeOf, detailOf, failureOf, faultOf } from './failure.ts'
import type { ClientHealth } from './outage.ts'

/** Runs a query and translates the database's errors into the core's. */
export type Guard = <T>(run: () => Promise<T>) => Promise<T>

export interface GuardOptions {
  /** Milliseconds after which an unanswered query fails as `unavailable`; it may still take effect. */
  readonly timeoutMs: number
  /** Called for each such query. */
  readonly onLate: () => void
  /** Called for each query whose failure a new session may avoid. */
  readonly onStale: () => void
  /** Is told of each success and failure of the client's queries. */
  readonly health: ClientHealth
}

/** Returns a guard. It throws ChatError `unavailable` if the database is at fault; errors of the query itself pass unchanged. */
export function guarded(options: GuardOptions): Guard {
  const { timeoutMs, onLate, health } = options
  return async (run) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        onLate()
        reject(new NoResponse(timeoutMs))
      }, timeoutMs)
    })
    try {
      const result = await Promise.race([run(), late])
      health.succeeded()
      return result
    } catch (error) {
      throw translated(error, options)
    } finally {
      clearTimeout(timer)
    }
  }
}

export const UNIQUE_VIOLATION = '23505'
export const FOREIGN_KEY_VIOLATION = '23503'
/** Raised by the functions of `drizzle/functions/`, as are all other codes that begin with `PA`. */
export const STALE_FACTS = 'PA001'
export const ROOM_GONE = 'PA002'
export const NEEDS_CARE = 'PA003'
export const WAS_REMOVED = 'PA004'

/** The codes of those who may not do something. The error's detail may say after how many milliseconds they may. */
const restraints: Readonly<Record<string, Restraint>> = {
  PA011: 'muted',
  PA012: 'posting_restricted',
  PA013: 'blocked',
  PA014: 'banned',
}
export const TARGET_BANNED = 'PA015'

const REMOVED = 'Someone who was removed from this room needs an invitation by its owner or an admin'

class NoResponse extends Error {
  readonly code = 'NO_ANSWER'

  constructor(ms: number) {
    super(`no answer in ${ms} ms`)
  }
}

function translated(error: unknown, { health, onStale }: GuardOptions): unknown {
  if (error instanceof ChatError) return error
  const fault = faultOf(error)
  if (fault === 'own') {
    return raised(codeOf(error), detailOf(error)) ?? error
  }
  if (fault !== 'yielded') {
    const failure = failureOf(error)
    health.failed(failure)
    if (failure.newSession) onStale()
  } else if (codeOf(error) === 'CONNECTION_ENDED') health.closed()
  const unavailable = fault === 'part' ? new DamagedData() : away()
  unavailable.cause = error
  return unavailable
}

/** Returns the core's error for one that only the values of a statement can cause; null if the core has none. */
function raised(code: string | null, detail: string | null): Error | null {
  const restraint = code === null ? undefined : restraints[code]
  if (restraint !== undefined) return restrained(restraint, Number(detail ?? 0) || 0)
  switch (code) {
    case STALE_FACTS:
      return new WriteConflict()
    case ROOM_GONE:
      return new ChatError('not_found', 'Room not found')
    case WAS_REMOVED:
      return new ChatError('forbidden', REMOVED)
    case TARGET_BANNED:
      return new ChatError('forbidden', 'Someone who is banned from this room cannot be invited')
    // SQL removed a user's row after it was looked up.
    case FOREIGN_KEY_VIOLATION:
      return new ChatError('conflict', 'A user of this request was removed')
  }
  // A rule of a newer schema, with which this build still runs.
  return code?.startsWith('PA') ? new ChatError('conflict', 'The database does not allow this') : null
}

function away(): ChatError {
  return new ChatError('unavailable', 'The database is not available, try again', { retryAfterMs: 1000 })
}
