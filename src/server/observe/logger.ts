import pino from 'pino'
import { ChatError } from '../../core/index.ts'

export type Logger = pino.Logger

export interface LoggerOptions {
  readonly level: string
  readonly format: 'json' | 'pretty'
}

export function createLogger({ level, format }: LoggerOptions): Logger {
  // With a minimum length, `flush` waits for what is being written; without one it calls back at once.
  const output = pino.destination({ dest: 1, sync: false, minLength: 1 })
  return pino(loggerOptions(level), format === 'pretty' ? readable(output) : output)
}

/**
 * Returns the options of a logger that writes structured lines. Nothing that a user wrote or owns is logged: no body, password, token
 * or query string. Errors are logged by kind, message and stack; parameters of their causes are not.
 *
 * Outages of the database and of Redis are logged once, by the code that watches them. What fails because of one has level debug.
 */
export function loggerOptions(level: string): pino.LoggerOptions {
  return {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    hooks: { logMethod: quietWhileAway },
  }
}

function quietWhileAway(
  this: pino.Logger,
  args: Parameters<pino.LogFn>,
  method: pino.LogFn,
  level: number,
): void {
  if (level > DEBUG && tellsOfAbsence(args[0])) this.debug(...args)
  else method.apply(this, args)
}

const DEBUG = 20

function tellsOfAbsence(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || !('err' in fields)) return false
  return fields.err instanceof ChatError && fields.err.kind === 'unavailable'
}

/** Returns the loggable part of an error: database errors hold the parameters of their statements, which stay out. */
export function describeError(error: unknown): unknown {
  return describe(error, CAUSES)
}

/** How many causes are followed; the chain may be circular. */
const CAUSES = 3

function describe(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // Messages of database errors may quote values of a row; their code is enough.
  const message = code === undefined && !('query' in error) ? error.message : undefined
  const cause = error.cause === undefined || depth === 0 ? undefined : describe(error.cause, depth - 1)
  return { type: error.name, code, message, at: frames(error), cause }
}

/** Returns the stack without the message before it, which may hold anything. */
function frames(error: Error): string[] | undefined {
  const stack = error.stack ?? ''
  const from = stack.indexOf(error.message)
  if (from === -1) return undefined
  const lines = stack.slice(from + error.message.length).split('\n')
  return lines.filter((line) => /^\s+at .*[(\s](?:\/|file:|node:|bun:|native)\S*\)?$/.test(line)).slice(0, 8)
}

/** Formats each event as a readable line, for a terminal. */
function readable(output: ReturnType<typeof pino.destination>) {
  return {
    /** Called by `pino.flush`. */
    flush: (done: (error?: Error) => void) => output.flush(done),
    write(line: string) {
      const { level, time, msg, ...rest } = JSON.parse(line)
      const label = pino.levels.labels[level] ?? level
      const more = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      output.write(`${String(time).slice(11, 23)} ${label.padEnd(5)} ${msg ?? ''} ${more.join(' ')}\n`)
    },
  }
}
