import pino from 'pino'
import { loggerOptions } from '../../src/server/observe/logger.ts'

/** The server's logger, with its lines kept for the test. */
export function loggerTo(level: string): { log: pino.Logger; lines: readonly string[] } {
  const lines: string[] = []
  return { log: pino(loggerOptions(level), { write: (line: string) => void lines.push(line) }), lines }
}
