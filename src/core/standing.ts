import { ChatError } from './errors.ts'
import type { RoomId, Standing, UserId } from './model.ts'
import type { RoomRegister } from './ports.ts'

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
