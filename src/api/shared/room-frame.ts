import { t } from 'elysia'
import type { Message } from '../../core/index.ts'
import { integer } from './ids.ts'
import { plainText } from './plain-text.ts'
import { isoTime } from './time.ts'

/** A message as the room socket and the histories of its contracts show it. */
export const RoomFrame = t.Object(
  {
    message: t.String({ description: 'The text', examples: ['Hello, World!'] }),
    message_type: t.String({ examples: ['text'] }),
    username: t.String({ examples: ['alice'] }),
    user_id: integer({ examples: [7] }),
    room: t.String({ examples: ['my_room'] }),
    id: integer({ examples: [12] }),
    seq: integer({ description: "The message's number in its room", examples: [5] }),
    timestamp: t.String({ format: 'date-time', examples: ['2025-02-13T10:00:00.000Z'] }),
  },
  { description: 'A message' },
)

export function roomFrame(message: Message, room: string) {
  return {
    message: plainText(message),
    message_type: message.kind,
    username: message.sender.username,
    user_id: message.sender.id,
    room,
    id: message.id,
    seq: message.seq,
    timestamp: isoTime(message.createdAt),
  }
}
