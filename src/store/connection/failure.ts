/** What a statement's error says about the database, for those who log it. */
export interface Failure {
  /** SQLSTATE, or the code of the driver or the system. */
  readonly code: string
  /** One line, without anything that people wrote. */
  readonly cause: string
  /** What tells that it is over. A probe asks whether the server is read-only. */
  readonly endedBy: 'any success' | 'a probe' | 'a write'
  /** Whether a new session may be free of it: this one's server or settings are not what they were when it began. */
  readonly newSession: boolean
  /** Whether it only says that a connection ended: the next one may meet with the reason. */
  readonly ended: boolean
}

/**
 * Whose fault an error is:
 * - `own`: the statement's, or a fault in this program. The same statement would fail again.
 * - `whole`: the database's, before the statement ran or whatever the statement was. It can succeed later, unchanged.
 * - `yielded`: as `whole`, and nothing is wrong with the database: the statement gave way to another, or this program
 *   closed its connection.
 * - `part`: the database's, and perhaps only for some of the rows that the statement touches, such as those of a damaged
 *   page. Another statement can succeed.
 */
export type Fault = 'own' | 'whole' | 'yielded' | 'part'

/**
 * Only errors that the values of a statement can cause are its own. All others count as the database's, unknown ones
 * included: a client throws away what was refused for good, and tries the rest again.
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

/** The SQLSTATE of a database's error, or the driver's own code; null for any other error. */
export function codeOf(error: unknown): string | null {
  const source = sourceOf(error)
  return source !== null && 'code' in source && typeof source.code === 'string' ? source.code : null
}

export const READ_ONLY = '25006'
/** For errors of the driver that have no code: it met an answer that it did not expect. */
const PROTOCOL = 'PROTOCOL'

/**
 * 21 cardinality, 22 data, 23 integrity, 2F, 38 and 39 errors in functions, 44 check option, 54 limits of the program, P0
 * and PA raised by functions. Statements are fixed texts, so that 42 (syntax, missing tables and functions, no permission)
 * is about the state of the database: a schema that is being restored, a revoked grant, a lost search path.
 */
const OWN = /^(21|22|23|2F|38|39|44|54|P0|PA)/
/** 40 deadlock and serialization, 55P03 a lock that is not to be had. */
const YIELDED = /^(40...|55P03)$/
/** This program has closed the connection. */
const CLOSED = /^CONNECTION_(ENDED|DESTROYED)$/
/**
 * 08 connection, 0A a cached plan that no longer fits, 0B, 25 and 2D transaction state, 26 and 34 a prepared statement or
 * a cursor that is gone, 28 login, 3D and 3F no such database or schema, 42 see above, 53 resources, 55 a database that takes no connections, 57 shutdown, 58 I/O.
 */
const WHOLE = /^(08|0A|0B|25|26|28|2D|34|3D|3F|42|53|55|57|58)/
/** Statements that the driver does not even send. */
const MISUSE =
  /^(UNDEFINED_VALUE|MAX_PARAMETERS_EXCEEDED|NOT_TAGGED_CALL|UNSAFE_TRANSACTION|ERR_(INVALID|OUT_OF))/
/** Full disk, I/O, damaged data, statements that take too long: other statements succeed. */
const WRITES_ONLY = /^(53100|57014|58|XX)/
/**
 * Read-only since another server is the primary now; a search path or permissions that the session lost; prepared statements
 * that a pooler mixed up.
 */
const SESSION = /^(PROTOCOL|08P01|25006|25P02|26...|34...|3F...|42501|42704|42883|42P01|42P05)$/
const ENDED = /^(57P0[12]|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/
const LONGEST_CAUSE = 300

/** The driver has only codes for these. */
function inWords(message: string): string {
  return message
    .replace(/^write CONNECTION_CLOSED /, 'the connection was closed by ')
    .replace(/^write CONNECT_TIMEOUT /, 'no connection in time to ')
}

/** The driver marks the errors that it hands to a statement. */
function fromDriver(error: unknown): boolean {
  const source = sourceOf(error)
  return source !== null && 'query' in source && 'parameters' in source
}

/** The error with a code, or else the innermost one: drizzle wraps the driver's. */
function sourceOf(error: unknown): Error | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error
  return sourceOf(error.cause) ?? error
}
