import { batchLookUps } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { AccessFacts, RoomId, UserId } from '../model.ts'
import type { RoomRegister, UserInRoom } from '../ports.ts'

export type RoomRef = { readonly id: RoomId } | { readonly name: string }

/** Where the user stands towards the room; null is somebody without a name. @throws ChatError `not_found` */
export async function accessFactsIn(
  store: Pick<RoomRegister, 'accessFacts'>,
  ref: RoomRef,
  user: UserId | null,
): Promise<AccessFacts> {
  const found = await store.accessFacts(ref, user)
  if (found === null) throw new ChatError('not_found', 'Room not found')
  return found
}

/** The same for rooms that are known by their ids, many at a time: when all clients come back at once, each asks for each of its rooms. */
export function createAccessFacts(store: Pick<RoomRegister, 'accessFacts' | 'accessFactsOf'>) {
  const batched = batchLookUps((wanted: readonly UserInRoom[]) => store.accessFactsOf(wanted))
  const one = {
    accessFacts: (ref: RoomRef, user: UserId | null) =>
      'id' in ref && user !== null ? batched({ room: ref.id, user }) : store.accessFacts(ref, user),
  }
  return (ref: RoomRef, user: UserId | null): Promise<AccessFacts> => accessFactsIn(one, ref, user)
}
