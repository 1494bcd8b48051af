import type { Logger } from '../observe/index.ts'
import { type PartNames, withPartNamed } from '../part-names.ts'
import { problemOf } from '../problem.ts'

/** What a socket's client is told of a send that was refused. */
export function errorText(error: Error, names: PartNames, log: Logger): string {
  const { kind, message, retryAfterMs } = problemOf(withPartNamed(error, names))
  if (kind === 'rate_limited') return `Too many messages, try again in ${retryAfterMs} ms`
  if (kind !== 'fault') return message
  log.error({ err: error }, 'a send failed')
  return 'An error occurred while processing your message'
}
