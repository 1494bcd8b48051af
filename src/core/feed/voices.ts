import type { RoomEvent } from '../events/index.ts'
import type { Ending, Posting, Role, Seq, UserId } from '../model.ts'
import { silencedBy, type Voice } from '../voice.ts'

/** The most users of a room of whom a change is remembered; beyond that the one noted first is forgotten. */
const MOST_NOTED = 1000

/** A fact, and the number of the event that told it. */
interface Noted<Fact> {
  readonly seq: Seq
  readonly fact: Fact
}

/**
 * What has changed of who may speak in a room while it is followed. It spares a query for what is not stored, such as typing. Who may send
 * is decided by the database.
 */
export class Voices {
  /** Each is made when something is to be noted: in most rooms nothing ever is. */
  #mutes: Map<UserId, Noted<Ending | null>> | null = null
  #roles: Map<UserId, Noted<Role | null>> | null = null
  #posting: Noted<Posting> | null = null

  /** Notes what is delivered. */
  note(events: readonly RoomEvent[]): void {
    for (const event of events) {
      const { type, seq } = event
      if (type === 'muted') this.#mute(event.user.id, seq, { until: event.until })
      else if (type === 'unmuted') this.#mute(event.user.id, seq, null)
      else if (type === 'rules') this.#posting = { seq, fact: event.posting }
      else if (type === 'role') {
        this.#roles ??= new Map()
        remember(this.#roles, event.user.id, { seq, fact: event.role })
      }
    }
  }

  /**
   * Returns whether a member may not speak now.
   * @param voice the member's, as it was read while the room was followed
   * @param readAt the room's number then
   */
  silences(user: UserId, voice: Voice, readAt: Seq): boolean {
    const role = later(this.#roles?.get(user), voice.role, readAt)
    const mute = later(this.#mutes?.get(user), voice.mute, readAt)
    const posting = later(this.#posting, voice.posting, readAt)
    return silencedBy({ role, posting, mute }) !== null
  }

  #mute(user: UserId, seq: Seq, fact: Ending | null): void {
    this.#mutes ??= new Map()
    remember(this.#mutes, user, { seq, fact })
  }
}

function remember<Fact>(noted: Map<UserId, Noted<Fact>>, user: UserId, fact: Noted<Fact>): void {
  noted.delete(user)
  noted.set(user, fact)
  if (noted.size <= MOST_NOTED) return
  for (const oldest of noted.keys()) {
    noted.delete(oldest)
    return
  }
}

/** Returns what was noted if it is later than the number at which the fact was read. */
function later<Fact>(noted: Noted<Fact> | null | undefined, read: Fact, at: Seq): Fact {
  return noted !== null && noted !== undefined && noted.seq > at ? noted.fact : read
}
