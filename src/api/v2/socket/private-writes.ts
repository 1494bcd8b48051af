import { draftEdit } from '../draft-edits.ts'
import { idIn, seqIn } from '../ids.ts'
import { notificationSettings } from '../notification-settings.ts'
import { draftBody, notificationsBody } from '../private-bodies.ts'
import type { ClientFrame } from '../wire/index.ts'
import type { Peer } from './peer.ts'

/** Sets the user's draft in a room. @throws ChatError */
export async function writeDraft(
  peer: Peer,
  { id, room, ...put }: Extract<ClientFrame, { type: 'draft' }>,
): Promise<void> {
  const { connection, server } = peer
  const { written, draft } = await server.chat.drafts.set(
    idIn('room', room),
    connection.user.id,
    draftEdit(put),
  )
  peer.result(id, { written, draft: draftBody(draft) })
}

/** Sets what the user wants to be notified of in a room, or in a thread. @throws ChatError */
export async function writeNotifications(
  peer: Peer,
  { id, room, thread, ...put }: Extract<ClientFrame, { type: 'notifications' }>,
): Promise<void> {
  const { connection, server } = peer
  const message = thread === undefined ? null : seqIn('thread', thread)
  const entry = await server.chat.notifications.set(
    idIn('room', room),
    connection.user.id,
    message,
    notificationSettings(put),
  )
  peer.result(id, notificationsBody(entry))
}
