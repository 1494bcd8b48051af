import type { Draft, RoomId, UserId } from '../../core/index.ts'

/** How many members a lane remembers, over all rooms. Some 60 bytes each, and 400 for each room. */
const MOST_KNOWN = 100_000

/** Users of whom the database has confirmed at one version of the room's membership that they may post. */
interface Known {
  readonly version: number
  readonly users: Set<UserId>
}

/**
 * Remembers which senders might post in a room at which version of its membership (`rooms.member_version`), so that a batch of theirs
 * needs no look-up of senders. It decides nothing: the database compares the version under the room's lock, and looks the senders up if
 * it is another. Forgets rooms, the first remembered first, when it knows more than `most` members.
 */
export class KnownMembers {
  readonly #most: number
  readonly #rooms = new Map<RoomId, Known>()
  #users = 0

  constructor(most = MOST_KNOWN) {
    this.#most = most
  }

  /** Returns the version at which the senders of the room's drafts, from `start` to before `end`, might all post; null if none is known. */
  versionOf(room: RoomId, drafts: readonly Draft[], start: number, end: number): number | null {
    const known = this.#rooms.get(room)
    if (known === undefined) return null
    for (let i = start; i < end; i++) {
      const draft = drafts[i]
      if (draft === undefined || !known.users.has(draft.sender.id)) return null
    }
    return known.version
  }

  /** Notes that the senders of these drafts might all post at that version. A room in slow mode has a negative one, which is not kept. */
  note(room: RoomId, version: number, drafts: readonly Draft[], start: number, end: number): void {
    if (version < 0) {
      this.#forget(room)
      return
    }
    let known = this.#rooms.get(room)
    if (known?.version !== version) {
      this.#forget(room)
      known = { version, users: new Set() }
      this.#rooms.set(room, known)
    }
    const before = known.users.size
    for (let i = start; i < end; i++) {
      const draft = drafts[i]
      if (draft !== undefined) known.users.add(draft.sender.id)
    }
    this.#users += known.users.size - before
    while (this.#users > this.#most) {
      const [oldest] = this.#rooms.keys()
      if (oldest === undefined) return
      this.#forget(oldest)
    }
  }

  #forget(room: RoomId): void {
    this.#users -= this.#rooms.get(room)?.users.size ?? 0
    this.#rooms.delete(room)
  }
}
