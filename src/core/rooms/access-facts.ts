import { gather } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { RoomId, Standing, UserId } from '../model.ts'
import type { RoomRegister, UserInRoom } from '../ports.ts'

export type RoomRef = { readonly id: RoomId } | { readonly name: string }

/** Where the user stands towards the room; null is somebody without a name. @throws ChatError `not_found` */
export async function standingIn(
  store: Pick<RoomRegister, 'standing'>,
  ref: RoomRef,
  user: UserId | null,
): Promise<Standing> {
  const found = await store.standing(ref, user)
  if (found === null) throw new ChatError('not_found', 'Room not found')
  return found
}

/** The same for rooms that are known by their ids, many at a time: when all clients come back at once, each asks for each of its rooms. */
export function createStandings(store: Pick<RoomRegister, 'standing' | 'standings'>) {
  const gathered = gather((wanted: readonly UserInRoom[]) => store.standings(wanted))
  const one = {
    standing: (ref: RoomRef, user: UserId | null) =>
      'id' in ref && user !== null ? gathered({ room: ref.id, user }) : store.standing(ref, user),
  }
  return (ref: RoomRef, user: UserId | null): Promise<Standing> => standingIn(one, ref, user)
}
