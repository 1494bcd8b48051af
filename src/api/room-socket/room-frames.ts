import { TypeCompiler } from '@sinclair/typebox/compiler'
import { t } from 'elysia'
import type { Codec } from '../../server/index.ts'
import { parseJson, roomFrame } from '../shared/index.ts'

/** A frame that a client sends to a room. */
const ClientFrame = t.Object({ message: t.String(), message_type: t.Optional(t.String()) })

const clientFrame = TypeCompiler.Compile(ClientFrame)

/** Returns the parsed frame, or the error text for the client. */
export function parseRoomFrame(text: string) {
  return parseJson(clientFrame, text)
}

/** Shows only messages. Clients see edits, deletions and memberships in the histories and lists of the contracts that use this socket. */
export const roomCodec: Codec = {
  name: 'room',
  event(event, room) {
    if (event.type !== 'message' || event.message.deletedAt !== null) return null
    return JSON.stringify(roomFrame(event.message, room.name))
  },
  shows: [],
  signal: () => null,
}
