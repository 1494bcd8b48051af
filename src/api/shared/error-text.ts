import { ChatError } from '../../core/index.ts'
import type { Logger } from '../../server/index.ts'

/** What a socket's client is told of a send that was refused. @param part how the contract calls the text of a message */
export function errorText(error: Error, part: string, log: Logger): string {
  if (error instanceof ChatError) return error.kind === 'invalid' ? `${part} ${error.message}` : error.message
  log.error({ err: error }, 'a send failed')
  return 'An error occurred while processing your message'
}
