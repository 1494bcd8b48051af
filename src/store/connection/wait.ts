import type { Sql } from 'postgres'
import { SetupError } from '../../core/index.ts'
import { type Failure, failureOf, faultOf } from './failure.ts'
import { checkSessions, type SessionOptions } from './sessions.ts'

export interface WaitOptions {
  /** Milliseconds to retry while the database is away; 0 for a single attempt. */
  readonly deadlineMs: number
  /** Called when the wait begins, and when its cause changes. */
  onWait(failure: Failure): void
}

/**
 * Resolves once the database serves and its connections suit the settings.
 *
 * @returns a warning in one line, or null
 * @throws SetupError if that takes longer than the deadline, and as `checkSessions`; the driver's error at once if waiting does
 * not help, as with a wrong password
 */
export async function awaitDatabase(
  open: () => Sql,
  session: SessionOptions,
  { deadlineMs, onWait }: WaitOptions,
): Promise<string | null> {
  const end = performance.now() + deadlineMs
  let told: Failure | null = null
  for (let attempt = 0; ; attempt++) {
    try {
      const leftMs = deadlineMs === 0 ? ATTEMPT_MS : end - performance.now()
      return await checkSessions(open, session, Math.min(ATTEMPT_MS, leftMs))
    } catch (error) {
      if (faultOf(error) === 'own') throw error
      const failure = failureOf(error)
      if (FINAL.test(failure.code) || deadlineMs === 0) throw error
      const pauseMs = pauseAfter(attempt)
      // The deadline cut this attempt short, so the failure before it says more.
      if (performance.now() >= end) throw new SetupError(gaveUp(told ?? failure, deadlineMs))
      if (performance.now() + pauseMs >= end) throw new SetupError(gaveUp(failure, deadlineMs))
      if (failure.code !== told?.code) onWait(failure)
      told = failure
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Milliseconds for one attempt: less than the shortest deadline of a pooler, enough for a slow start of a session. */
const ATTEMPT_MS = 5000

/** 28 login, 3D no such database, certificates and the like: the operator has to change something. */
const FINAL =
  /^(28|3D|TLS_NOT_SUPPORTED|AUTH_NOT_SUPPORTED|SASL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS)/

/** Jittered, so that nodes that wait for the same database do not ask in step. */
function pauseAfter(attempt: number): number {
  return (0.5 + Math.random() / 2) * Math.min(100 * 2 ** attempt, 2000)
}

function gaveUp({ cause, code }: Failure, deadlineMs: number): string {
  return `DATABASE_URL: no database within ${deadlineMs} ms (DATABASE_START_DEADLINE_MS): ${cause} (${code})`
}
