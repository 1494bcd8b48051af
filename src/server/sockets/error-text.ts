import { ChatError } from '../../core/index.ts'
import type { Logger } from '../observe/index.ts'
import { type PartNames, withPartNamed } from '../part-names.ts'

/** What a socket's client is told of a send that was refused. */
export function errorText(error: Error, names: PartNames, log: Logger): string {
  const named = withPartNamed(error, names)
  if (named instanceof ChatError) {
    if (named.kind !== 'rate_limited') return named.message
    return `Too many messages, try again in ${named.retryAfterMs} ms`
  }
  log.error({ err: error }, 'a send failed')
  return 'An error occurred while processing your message'
}
