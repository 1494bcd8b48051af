import type { Logger } from './environment.ts'
import type { Stopped } from './link/index.ts'
import { createListeners, type Listeners } from './listeners.ts'
import type { Status } from './status.ts'
import type { MembershipFrame, RoomEvent } from './wire.ts'

/** What a client tells of, besides the changes of its snapshots. */
export interface ClientEvents {
  status: Status
  /** No further attempt without the application's doing: for instance, the user has to sign in again. */
  stopped: Stopped
  /** The user's own membership of some room, open or not, has changed: invited, joined, removed … */
  membership: MembershipFrame
  /**
   * Something has happened in an open room: each once, in the room's order. What was missed comes compacted, and what came
   * with a snapshot, the beginning of a view, not at all.
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
    event: createListeners(log),
  }
  return {
    on: (name, listener) => all[name].add(listener),
    tell: (name, event) => all[name].call(event),
  }
}
