import { Type as t } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Room } from './people.ts'
import type { Stored } from './stored.ts'

/** A message as the room socket of documents 1, 2 and 4 shows it, and the histories around it. */
export function roomFrame(message: Stored, room: Room) {
  return {
    message: message.body,
    message_type: message.kind,
    username: message.sender,
    user_id: message.senderId,
    room: room.name,
    id: message.id,
    seq: message.seq,
    timestamp: message.at.toISOString(),
  }
}

/** As the direct chats' socket shows it. */
export function directFrame(message: Stored, isRead: boolean) {
  const created = message.at.toISOString().slice(0, 19).replace('T', ' ')
  return { message: { id: message.id, sender: message.sender, body: message.body, created, is_read: isRead } }
}

/** As Chat API v1 shows it, live and stored. */
export function v1Message(message: Stored, room: Room) {
  return {
    id: String(message.id),
    room_id: String(room.id),
    user_id: String(message.senderId),
    content: message.body,
    type: message.kind,
    created_at: message.at.toISOString(),
  }
}

/** As the list of direct chats shows the latest one. */
export function lastMessage(message: Stored | undefined) {
  if (message === undefined) return null
  return { body: message.body, created: message.at.toISOString(), sender: message.sender }
}

/** A direct chat's frame as it was before it was read; any other frame as it is. */
export function asUnread(frame: unknown): unknown {
  if (!Value.Check(WithReading, frame)) return frame
  return { ...frame, message: { ...frame.message, is_read: false } }
}

const WithReading = t.Object({ message: t.Object({ is_read: t.Boolean() }) })
