import { TypeCompiler } from '@sinclair/typebox/compiler'
import { t } from 'elysia'
import type { Codec } from '../../server/index.ts'
import { parseJson, roomFrame } from '../shared/index.ts'

/** What a client sends into a room. */
const ClientFrame = t.Object({ message: t.String(), message_type: t.Optional(t.String()) })

const clientFrame = TypeCompiler.Compile(ClientFrame)

/** The frame, or why it is none, in words for the client. */
export function parseRoomFrame(text: string) {
  return parseJson(clientFrame, text)
}

/** Messages only: edits, deletions and memberships are seen in the histories and lists of the contracts around it. */
export const roomCodec: Codec = {
  name: 'room',
  event(event, room) {
    if (event.type !== 'message' || event.message.deletedAt !== null) return null
    return JSON.stringify(roomFrame(event.message, room.name))
  },
  signal: () => null,
}
