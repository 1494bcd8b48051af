import { ChatError } from '../../core/index.ts'
import type { Logger } from '../observe/index.ts'

/** How a contract calls the parts of a message. */
export interface PartNames {
  readonly body: string
  readonly kind: string
}

/** What a socket's client is told of a send that was refused. */
export function errorText(error: Error, names: PartNames, log: Logger): string {
  if (error instanceof ChatError) {
    if (error.kind !== 'invalid') return error.message
    return `${error.field === 'kind' ? names.kind : names.body} ${error.message}`
  }
  log.error({ err: error }, 'a send failed')
  return 'An error occurred while processing your message'
}
