import { TypeCompiler } from '@sinclair/typebox/compiler'
import { t } from 'elysia'
import type { Message } from '../../core/index.ts'
import type { Codec } from '../../server/index.ts'
import { parseJson } from '../shared/index.ts'

const clientFrame = TypeCompiler.Compile(t.Object({ body: t.String() }))

/** Returns the parsed frame, or the error text for the client. */
export function parseDirectFrame(text: string) {
  return parseJson(clientFrame, text)
}

export function directFrame(message: Message, isRead: boolean): string {
  const { id, sender, body, createdAt } = message
  return JSON.stringify({
    message: { id, sender: sender.username, body, created: directTime(createdAt), is_read: isRead },
  })
}

/** Returns the time as `YYYY-MM-DD HH:MM:SS` in UTC. Only this socket uses this format. */
function directTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** A message that was just sent is not read yet. */
export const directCodec: Codec = {
  name: 'direct',
  event(event) {
    if (event.type !== 'message' || event.message.deletedAt !== null) return null
    return directFrame(event.message, false)
  },
  shows: [],
  signal: () => null,
}
