import type { Room } from '../wire.ts'

/** The user's rooms and invitations at one moment. Never changed: another moment is another object. */
export interface RoomListSnapshot {
  /** Whether all that is known to have happened is in it; false before the first list, and while rooms are being looked up. */
  readonly complete: boolean
  /** The rooms that the user is a member of, direct chats included, by id. What moves in a room (unread, head …) is as it was when the room was looked up. */
  readonly rooms: readonly Room[]
  /** The rooms that the user is invited to, by id. */
  readonly invitations: readonly Room[]
}

export const NO_ROOMS: RoomListSnapshot = { complete: false, rooms: [], invitations: [] }

/** Returns the snapshot after `before`: the same object if nothing has changed. */
export function roomListOf(
  before: RoomListSnapshot,
  all: Iterable<Room>,
  complete: boolean,
): RoomListSnapshot {
  const byId = [...all].sort((a, b) => a.id - b.id)
  const rooms = byId.filter(({ role }) => role !== null)
  const invitations = byId.filter(({ role, invited }) => role === null && invited)
  const next = {
    complete,
    rooms: asBefore(before.rooms, rooms),
    invitations: asBefore(before.invitations, invitations),
  }
  const isSame =
    complete === before.complete && next.rooms === before.rooms && next.invitations === before.invitations
  return isSame ? before : next
}

/** The former array if the new one has the same rooms. */
function asBefore(before: readonly Room[], rooms: readonly Room[]): readonly Room[] {
  const isSame = rooms.length === before.length && rooms.every((room, index) => room === before[index])
  return isSame ? before : rooms
}
