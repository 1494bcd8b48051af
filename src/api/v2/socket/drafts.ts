import { draftEdit } from '../draft-edits.ts'
import { idIn } from '../ids.ts'
import { draftBody } from '../private-bodies.ts'
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
