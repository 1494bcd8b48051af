import type { Logger } from './environment.ts'
import type { Stopped } from './link/index.ts'
import { createListeners, type Listeners } from './listeners.ts'
import type { Status } from './status.ts'
import type { EphemeralFrame, MembershipFrame, NotifyFrame, RoomEvent } from './wire.ts'

/** The events of a client, besides changes of its snapshots. */
export interface ClientEvents {
  status: Status
  /** The client does not try again by itself: for instance, the user has to sign in again. */
  stopped: Stopped
  /**
   * The user's own membership of some room, open or not, has changed: invited, joined, removed, the room deleted … Each once, in order;
   * of what was missed without a connection, the latest change of each room. Told is only what happens from when the list of rooms has
   * begun: what is the case then is in `rooms`.
   */
  membership: MembershipFrame
  /** Somebody said something in a room, open or not, to this user alone. It is not stored: nobody repeats what was missed. */
  ephemeral: EphemeralFrame
  /** A message in a room that is not open mentions the user, who wants to be notified of it. Nobody repeats what was missed. */
  notify: NotifyFrame
  /**
   * An event in an open room: each once, in the room's order. Missed events are compacted; those that a snapshot already contains, at
   * the beginning of a view, are not reported.
   */
  event: RoomEvent
}

export interface Events {
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void
  tell<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void
}

export function createEvents(log: Logger): Events {
  const all: { [Name in keyof ClientEvents]: Listeners<[ClientEvents[Name]]> } = {
    status: createListeners(log),
    stopped: createListeners(log),
    membership: createListeners(log),
    ephemeral: createListeners(log),
    notify: createListeners(log),
    event: createListeners(log),
  }
  return {
    on: (name, listener) => all[name].add(listener),
    tell: (name, event) => all[name].call(event),
  }
}
