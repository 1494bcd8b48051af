import { TypeCompiler } from '@sinclair/typebox/compiler'
import { t } from 'elysia'
import type { Message } from '../../core/index.ts'
import type { Codec } from '../../server/index.ts'

const clientFrame = TypeCompiler.Compile(t.Object({ body: t.String() }))

/** The body of a client's frame, or null with why it has none. */
export function parseDirectFrame(text: string): { body: string } | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'The frame is not valid JSON'
  }
  if (clientFrame.Check(value)) return value
  const first = clientFrame.Errors(value).First()
  return first?.path === '/body' ? `body: ${first.message}` : 'The frame must be a JSON object'
}

export function directFrame(message: Message, isRead: boolean): string {
  const { id, sender, body, createdAt } = message
  return JSON.stringify({
    message: { id, sender: sender.username, body, created: directTime(createdAt), is_read: isRead },
  })
}

/** `YYYY-MM-DD HH:MM:SS` in UTC: this socket alone shows times so. */
function directTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** A message that has just come is not read yet. */
export const directCodec: Codec = {
  name: 'direct',
  event(event) {
    if (event.type !== 'message' || event.message.deletedAt !== null) return null
    return directFrame(event.message, false)
  },
  signal: () => null,
}
