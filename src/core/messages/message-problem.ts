import { detailsProblem } from '../details/index.ts'
import { ChatError } from '../errors.ts'
import { mentionsProblem } from '../mentions/index.ts'
import { formProblem, kindProblem, lengthProblem, textProblem } from '../text/index.ts'
import type { NewMessage } from './sending.ts'

/**
 * Returns why a message cannot be sent as it is, or null. `field` is the part at fault, by the core's name: `body`, `kind`,
 * `key`, `inRoom`, or one of the details. Contracts have their own names for the parts.
 * @param maxLength in characters (code points)
 */
export function messageProblem(
  { body, kind, clientId, replyTo, inRoom, details, mentions }: NewMessage,
  maxLength: number,
): ChatError | null {
  // Files may stand alone.
  const isBare = body === '' && details?.attachments !== undefined
  const text = isBare ? null : textProblem(body, maxLength)
  if (text !== null) return invalid('body', text)
  const word = kindProblem(kind)
  if (word !== null) return invalid('kind', word)
  if (inRoom === false && replyTo === null) return invalid('inRoom', 'must not be false unless it is a reply')
  const key = clientId === null ? null : keyProblem(clientId)
  if (key !== null) return invalid('key', key)
  const addressees = mentionsProblem(mentions)
  if (addressees !== null) return invalid('mentions', addressees)
  return details === null ? null : detailsProblem(details)
}

function keyProblem(clientId: string): string | null {
  return clientId === '' ? 'must not be empty' : (lengthProblem(clientId, 128) ?? formProblem(clientId))
}

function invalid(part: 'body' | 'kind' | 'key' | 'inRoom' | 'mentions', problem: string): ChatError {
  return new ChatError('invalid', problem, { field: part })
}
