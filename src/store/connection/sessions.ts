import type { Sql, TransactionSql } from 'postgres'
import { SetupError } from '../../core/index.ts'
import type { DatabaseOptions } from './connect.ts'
import { codeOf } from './failure.ts'

/** The settings that a session must suit. */
export type SessionOptions = Pick<DatabaseOptions, 'prepare' | 'statementTimeoutMs'>

/**
 * Checks that connections to the server suit the settings. A pooler that hands each transaction to another session loses prepared
 * statements, which then fail or pile up in the sessions of other clients.
 *
 * @param open makes a client of one connection, which this function closes
 * @returns a warning in one line, or null
 * @throws SetupError that names the setting to change; the driver's error if the server cannot be asked
 */
export async function checkSessions(
  open: () => Sql,
  options: SessionOptions,
  timeoutMs: number,
): Promise<string | null> {
  const clients = options.prepare ? [open(), open()] : [open()]
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoResponse(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([check(clients, options), late])
  } catch (error) {
    throw isRefusedParameter(error) ? new SetupError(PARAMETERS_REFUSED) : error
  } finally {
    clearTimeout(timer)
    await Promise.all(clients.map((client) => client.end({ timeout: 0 })))
  }
}

async function check([one, other]: readonly Sql[], options: SessionOptions): Promise<string | null> {
  if (one === undefined) return null
  if (other !== undefined && (await keepsNames(one)) && !(await keepSessions(one, other))) {
    throw new SetupError(STATEMENTS_LOST)
  }
  return await timeLimitWarning(one, options)
}

/** Returns whether a prepared statement keeps the name that the driver gave it: a pooler that tracks statements renames it. */
async function keepsNames(client: Sql): Promise<boolean> {
  return await client.begin(async (tx: TransactionSql) => {
    const { statement } = await tx`select ${1}::int as one`
    const rows = await tx`select from pg_prepared_statements where name = ${statement.name}`
    return rows.length > 0
  })
}

/** Returns whether each of two connections keeps a session of its own from one statement to the next. */
async function keepSessions(one: Sql, other: Sql): Promise<boolean> {
  const sessions = new Map<Sql, number>()
  // A pooler may use its sessions in turn, so each client asks again after an even and after an odd number of statements.
  for (const client of [one, other, other, one, one, other]) {
    const [row] = await client<{ pid: number }[]>`select pg_backend_pid() as pid`
    const pid = row?.pid ?? 0
    if ((sessions.get(client) ?? pid) !== pid) return false
    sessions.set(client, pid)
  }
  return new Set(sessions.values()).size === sessions.size
}

async function timeLimitWarning(client: Sql, { statementTimeoutMs }: SessionOptions): Promise<string | null> {
  const [row] = await client<{ ms: number }[]>`
    select setting::int as ms from pg_settings where name = 'statement_timeout'`
  const ms = row?.ms ?? 0
  if (statementTimeoutMs === 0 || (ms > 0 && ms <= statementTimeoutMs)) return null
  return `DATABASE_STATEMENT_TIMEOUT_MS is ${statementTimeoutMs}, but the database's sessions have statement_timeout = ${ms}, as behind a pooler: give it to the role (alter role … set statement_timeout = ${statementTimeoutMs})`
}

/** Returns whether PgBouncer refused a start-up parameter that it neither knows nor ignores. */
function isRefusedParameter(error: unknown): boolean {
  return codeOf(error) === '08P01' && /unsupported startup parameter/.test(String(error))
}

class NoResponse extends Error {
  readonly code = 'NO_ANSWER'

  constructor(ms: number) {
    super(`no answer in ${Math.round(ms)} ms`)
  }
}

const STATEMENTS_LOST =
  'DATABASE_PREPARE: must be false, because a pooler hands each transaction to another session of the database, so prepared statements are lost'
const PARAMETERS_REFUSED =
  'DATABASE_PREPARE: must be false, since a pooler refuses the parameters of a session; or if it tracks prepared statements, set its ignore_startup_parameters = statement_timeout,jit'
