import { isSeq, type OwnChanges, type Seq } from '../../../core/index.ts'
import { membershipBody } from '../membership-bodies.ts'
import type { ClientFrame } from '../wire/index.ts'
import { frame } from './codec.ts'
import type { Peer } from './peer.ts'

/** Changes in an answer. */
const MOST = 200

/** Answers what has happened to the user's memberships, and returns it. @throws ChatError `unavailable`, `overloaded` */
export async function tellMemberships(
  peer: Peer,
  { id, after, epoch }: Extract<ClientFrame, { type: 'memberships' }>,
): Promise<OwnChanges> {
  const { connection, server } = peer
  const { history, membership } = server.chat
  const isHeld = epoch === undefined || (await history.continues(epoch))
  const known = isHeld && after !== undefined && isSeq(after) ? after : null
  const own = await membership.changes(connection.user.id, known, MOST)
  const { changes, upTo, head, reset } = own
  peer.membershipsTold = upTo
  const answer = { memberships: changes.map(membershipBody), head: upTo, more: upTo < head }
  peer.result(id, reset ? { ...answer, reset } : answer)
  return own
}

/** Notes that the client is told of a change, which may not be the next one. */
export function toldMembership(peer: Peer, seq: Seq | undefined): void {
  if (peer.membershipsTold !== null && seq === peer.membershipsTold + 1) peer.membershipsTold = seq
}

/** Tells a client that counts changes that there are more than it was told of. */
export function tellMembershipHead(peer: Peer, head: Seq): void {
  const { connection, server, membershipsTold } = peer
  if (membershipsTold === null || head <= membershipsTold) return
  connection.send(
    frame({ type: 'heartbeat', heads: {}, epoch: server.chat.history.mark(), memberships: head }),
  )
}
