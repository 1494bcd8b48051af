import { knownAttachments, type Message } from '../../core/index.ts'

/**
 * Returns the text of a message for contracts that know nothing of attachments: each one is a line with its name, and the path at which a
 * member who is signed in gets it.
 */
export function plainText({ body, details, roomId }: Message): string {
  if (details?.attachments === undefined) return body
  const lines = knownAttachments(details.attachments).map(
    ({ id, name }) => `${name}: /api/v2/rooms/${roomId}/attachments/${id}/file`,
  )
  return [...(body === '' ? [] : [body]), ...lines].join('\n')
}
