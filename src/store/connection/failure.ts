/** What the error of a statement says about the database, for the log. */
export interface Failure {
  /** The SQLSTATE, or the code of the driver or the system. */
  readonly code: string
  /** One line, without any text of users. */
  readonly cause: string
  /** Which success shows that it is over. A probe asks whether the server is read-only. */
  readonly endedBy: 'any success' | 'a probe' | 'a write'
  /** Whether a new session may help, because the server or the settings of this session have changed since it began. */
  readonly newSession: boolean
  /** Whether the error only says that a connection ended: the next attempt may learn the cause. */
  readonly ended: boolean
}

/**
 * What an error is the fault of:
 * - `own`: the statement or this program. The same statement would fail again.
 * - `whole`: the database, whatever the statement was. The statement can succeed later, unchanged.
 * - `yielded`: as `whole`, but the database is healthy: the statement gave way to another one, or this program closed its
 *   connection.
 * - `part`: the database, perhaps only for some of the rows that the statement touches, such as those of a damaged page. Another
 *   statement can succeed.
 */
export type Fault = 'own' | 'whole' | 'yielded' | 'part'

/**
 * Returns what an error is the fault of. Only errors that the values of a statement can cause count as its own. All others count
 * as the database's, unknown ones included: clients discard what was refused for good, and retry the rest.
 */
export function faultOf(error: unknown): Fault {
  const code = codeOf(error)
  if (code === null) return fromDriver(error) ? 'whole' : 'own'
  if (CLOSED.test(code)) return 'yielded'
  if (!/^[0-9A-Z]{5}$/.test(code)) return MISUSE.test(code) ? 'own' : 'whole'
  if (OWN.test(code)) return 'own'
  if (YIELDED.test(code)) return 'yielded'
  return WHOLE.test(code) ? 'whole' : 'part'
}

export function failureOf(error: unknown): Failure {
  const code = codeOf(error) ?? PROTOCOL
  const message = sourceOf(error)?.message ?? String(error)
  const cause = inWords(message).replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_CAUSE)
  const endedBy = code === READ_ONLY ? 'a probe' : WRITES_ONLY.test(code) ? 'a write' : 'any success'
  return { code, cause, endedBy, newSession: SESSION.test(code), ended: ENDED.test(code) }
}

/** Returns the SQLSTATE of a database error, or the driver's own code; null for any other error. */
export function codeOf(error: unknown): string | null {
  const source = sourceOf(error)
  return source !== null && 'code' in source && typeof source.code === 'string' ? source.code : null
}

/** Returns the detail that a function of the database has given its error; null if there is none. */
export function detailOf(error: unknown): string | null {
  const source = sourceOf(error)
  return source !== null && 'detail' in source && typeof source.detail === 'string' ? source.detail : null
}

export const READ_ONLY = '25006'
/** The code of the driver's errors that have none: the driver got an answer that it did not expect. */
const PROTOCOL = 'PROTOCOL'

/**
 * 21 cardinality, 22 data, 23 integrity, 2F, 38 and 39 errors in functions, 44 check option, 54 limits of the program, P0
 * and PA raised by functions. Statements are fixed texts, so 42 (syntax, missing tables and functions, no permission) is about the
 * state of the database: a schema that is being restored, a revoked grant, a lost search path.
 */
const OWN = /^(21|22|23|2F|38|39|44|54|P0|PA)/
/** 40 deadlock and serialization, 55P03 a lock that is not available. */
const YIELDED = /^(40...|55P03)$/
/** This program closed the connection. */
const CLOSED = /^CONNECTION_(ENDED|DESTROYED)$/
/**
 * 08 connection, 0A a cached plan that no longer fits, 0B, 25 and 2D transaction state, 26 and 34 a prepared statement or
 * a cursor that is gone, 28 login, 3D and 3F no such database or schema, 42 see above, 53 resources, 55 a database that takes no connections, 57 shutdown, 58 I/O.
 */
const WHOLE = /^(08|0A|0B|25|26|28|2D|34|3D|3F|42|53|55|57|58)/
/** Statements that the driver refuses to send. */
const MISUSE =
  /^(UNDEFINED_VALUE|MAX_PARAMETERS_EXCEEDED|NOT_TAGGED_CALL|UNSAFE_TRANSACTION|ERR_(INVALID|OUT_OF))/
/** Full disk, I/O, damaged data, statements that take too long. Reads go on meanwhile, so only a write shows the end. */
const WRITES_ONLY = /^(53100|57014|58|XX)/
/**
 * The server is read-only because another one is the primary now; the session lost its search path or permissions; a pooler mixed
 * up prepared statements.
 */
const SESSION = /^(PROTOCOL|08P01|25006|25P02|26...|34...|3F...|42501|42704|42883|42P01|42P05)$/
const ENDED = /^(57P0[12]|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/
const LONGEST_CAUSE = 300

/** Spells out two errors for which the driver has only codes. */
function inWords(message: string): string {
  return message
    .replace(/^write CONNECTION_CLOSED /, 'the connection was closed by ')
    .replace(/^write CONNECT_TIMEOUT /, 'no connection in time to ')
}

/** Returns whether the driver handed the error to a statement; it marks those. */
function fromDriver(error: unknown): boolean {
  const source = sourceOf(error)
  return source !== null && 'query' in source && 'parameters' in source
}

/** Returns the first error in the chain of causes that has a code, else the innermost one: drizzle wraps the driver's errors. */
function sourceOf(error: unknown): Error | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error
  return sourceOf(error.cause) ?? error
}
