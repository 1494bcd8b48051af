import { idIn, seqIn } from '../ids.ts'
import { untilIn } from '../until.ts'
import type { ClientFrame } from '../wire/index.ts'
import type { Peer } from './peer.ts'

type Moderation = Extract<ClientFrame, { type: 'ban' | 'unban' | 'mute' | 'unmute' | 'report' }>

/** Carries out a request of the staff, or a report to them. @throws ChatError as the use cases do */
export async function moderate(peer: Peer, request: Moderation): Promise<void> {
  const { connection, server } = peer
  const { moderation } = server.chat
  const { id, room } = request
  const ref = { id: idIn('room', room) }
  const { user } = connection
  switch (request.type) {
    case 'ban':
      await moderation.ban(ref, user, idIn('user', request.user), untilIn(request))
      break
    case 'unban':
      await moderation.unban(ref, user, idIn('user', request.user))
      break
    case 'mute':
      await moderation.mute(ref, user, idIn('user', request.user), untilIn(request))
      break
    case 'unmute':
      await moderation.unmute(ref, user, idIn('user', request.user))
      break
    case 'report': {
      const { seq } = request
      peer.result(id, {
        room,
        seq,
        report: await moderation.report(ref, user, seqIn('seq', seq), request.reason),
      })
      return
    }
  }
  peer.result(id, {})
}
