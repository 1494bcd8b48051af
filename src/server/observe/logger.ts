import pino from 'pino'
import { ChatError } from '../../core/index.ts'

export type Logger = pino.Logger

export interface LoggerOptions {
  readonly level: string
  readonly format: 'json' | 'pretty'
}

export function createLogger({ level, format }: LoggerOptions): Logger {
  // With a least length, `flush` waits for what is being written; without one it calls back at once.
  const output = pino.destination({ dest: 1, sync: false, minLength: 1 })
  return pino(loggerOptions(level), format === 'pretty' ? readable(output) : output)
}

/**
 * Structured lines. Nothing that a person wrote or owns goes in: no body, password, token or query string. Errors are
 * logged by kind, message and stack; their causes' parameters are not.
 *
 * That the database or Redis is away is told once, by whoever watches it. What fails because of it is of level debug.
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

/** What may be said of an error: database errors carry the statement's parameters, which stay out. */
export function describeError(error: unknown): unknown {
  return describe(error, CAUSES)
}

/** How deep a chain of causes is followed: it may be a ring. */
const CAUSES = 3

function describe(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // Messages of database errors may quote values of a row; the code says what it was.
  const message = code === undefined && !('query' in error) ? error.message : undefined
  const cause = error.cause === undefined || depth === 0 ? undefined : describe(error.cause, depth - 1)
  return { type: error.name, code, message, at: frames(error), cause }
}

/** The stack without the message before it, which may look like anything. */
function frames(error: Error): string[] | undefined {
  const stack = error.stack ?? ''
  const from = stack.indexOf(error.message)
  if (from === -1) return undefined
  const lines = stack.slice(from + error.message.length).split('\n')
  return lines.filter((line) => /^\s+at .*[(\s](?:\/|file:|node:|bun:|native)\S*\)?$/.test(line)).slice(0, 8)
}

/** One readable line an event, for a terminal. */
function readable(output: ReturnType<typeof pino.destination>) {
  return {
    /** As `pino.flush` finds it. */
    flush: (done: (error?: Error) => void) => output.flush(done),
    write(line: string) {
      const { level, time, msg, ...rest } = JSON.parse(line)
      const label = pino.levels.labels[level] ?? level
      const more = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      output.write(`${String(time).slice(11, 23)} ${label.padEnd(5)} ${msg ?? ''} ${more.join(' ')}\n`)
    },
  }
}
