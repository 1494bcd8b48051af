import type { RoomId, Seq, UserRef } from '../model.ts'
import type { Signals } from '../ports.ts'
import type { Notice } from './resolver.ts'

/** Tells of a message to those whom it mentions, on every node. Those of their connections that hear the room pass it over. */
export function notify(
  signals: Signals,
  { roomId, seq, sender }: { readonly roomId: RoomId; readonly seq: Seq; readonly sender: UserRef },
  notices: readonly Notice[],
): void {
  const { id, username } = sender
  for (const { reason, users } of notices) {
    signals.publish({ type: 'notify', roomId, seq, sender: { id, username }, reason, users })
  }
}
