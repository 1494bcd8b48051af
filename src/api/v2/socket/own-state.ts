import { markedBody } from '../bodies.ts'
import { idIn, seqIn } from '../ids.ts'
import type { ClientFrame } from '../wire/index.ts'
import type { Peer } from './peer.ts'

/** Saves a message for the user, or removes it from the saved ones. @throws ChatError */
export async function saveMessage(
  peer: Peer,
  { id, room, seq, on }: Extract<ClientFrame, { type: 'save' }>,
): Promise<void> {
  const { connection, server } = peer
  const [roomId, at] = [idIn('room', room), seqIn('seq', seq)]
  const private_seq = await server.chat.saved.save(roomId, connection.user.id, at, on)
  peer.result(id, { room, seq, saved: on, private_seq })
}

/** Marks messages as unread for the user. @throws ChatError */
export async function markUnread(
  peer: Peer,
  { id, room, seq }: Extract<ClientFrame, { type: 'mark_unread' }>,
): Promise<void> {
  const { connection, server } = peer
  const roomId = idIn('room', room)
  const marks = await server.chat.membership.markUnread(roomId, connection.user.id, seqIn('seq', seq))
  peer.result(id, markedBody(roomId, marks))
}
