import { idIn, seqIn } from '../ids.ts'
import type { ClientFrame } from '../wire/index.ts'
import type { Peer } from './peer.ts'

type Pinning = Extract<ClientFrame, { type: 'pin' }>

/** Pins a message or unpins it. @throws ChatError as the use case does */
export async function pin(peer: Peer, { id, room, seq, on }: Pinning): Promise<void> {
  const { connection, server } = peer
  const ref = { id: idIn('room', room) }
  const shownAt = await server.chat.pins.pin(ref, connection.user, seqIn('seq', seq), on)
  peer.result(id, { room, seq, on, shown_at: shownAt })
}
