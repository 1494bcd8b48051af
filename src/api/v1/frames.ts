import { TypeCompiler } from '@sinclair/typebox/compiler'
import { t } from 'elysia'
import type { Message, RoomEvent, Signal } from '../../core/index.ts'
import type { Codec } from '../../server/index.ts'
import { isoTime, parseJson, plainText, wireId } from '../shared/index.ts'

/** Types of this contract's own frames. A message whose kind is one of them is shown as text. */
const frameTypes: ReadonlySet<string> = new Set(['history', 'system', 'error'])

export const MessageSchema = t.Object(
  {
    id: wireId,
    room_id: wireId,
    user_id: wireId,
    content: t.String({ examples: ['Hello, World!'] }),
    type: t.String({ examples: ['text'] }),
    created_at: t.String({ format: 'date-time', examples: ['2024-04-01T12:00:00.000Z'] }),
  },
  { description: 'A message' },
)

/** A frame that a client may send over the socket. */
export const ClientFrame = t.Object({ type: t.Literal('text'), content: t.String(), user_id: t.String() })

const clientFrame = TypeCompiler.Compile(ClientFrame)

/** Returns the parsed frame, or the error text for the client. */
export function parseFrame(text: string) {
  return parseJson(clientFrame, text)
}

export function messageBody(message: Message) {
  return {
    id: String(message.id),
    room_id: String(message.roomId),
    user_id: String(message.sender.id),
    content: plainText(message),
    type: frameTypes.has(message.kind) ? 'text' : message.kind,
    created_at: isoTime(message.createdAt),
  }
}

/** @param messages deleted ones are left out */
export function historyFrame(messages: readonly Message[]): string {
  const shown = messages.filter(({ deletedAt }) => deletedAt === null)
  return JSON.stringify({ type: 'history', messages: shown.map(messageBody) })
}

/**
 * The frames of events. There are none for edits, deletions and memberships: clients of this contract see them when they next read
 * the history.
 */
export const codec: Codec = {
  name: 'v1',
  event(event: RoomEvent): string | null {
    if (event.type !== 'message' || event.message.deletedAt !== null) return null
    return JSON.stringify(messageBody(event.message))
  },
  shows: ['visit'],

  signal(signal: Signal): string | null {
    if (signal.type !== 'arrived' && signal.type !== 'departed') return null
    const verb = signal.type === 'arrived' ? 'joined' : 'left'
    const content = `User ${signal.user.username} ${verb} the chat`
    return JSON.stringify({ type: 'system', content, timestamp: isoTime(signal.at) })
  },
}
