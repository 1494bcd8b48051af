import type { RoomId, UserId } from '../../core/index.ts'

export type Concerns<Id = RoomId> = (id: Id) => boolean

/** Milliseconds between two comparisons: if losses follow each other, one comparison handles all since the last. */
const PAUSE_MS = 100
/** Milliseconds until a retry. */
const RETRY_MS = 1000

/** Compares this node with the database after something may have been lost: one comparison at a time, retried until it succeeds. */
export interface CatchUp {
  /** Events of the rooms for which the function returns true may have been lost. Pass the same function for the same rooms. */
  rooms(concerns: Concerns): void
  /** Signals to connections of the users for whom the function returns true may have been lost. Pass the same one for the same users. */
  signals(concerns: Concerns<UserId>): void
  stop(): void
}

export interface Looking {
  /** Compares rooms with the database. */
  rooms(concerns: Concerns): Promise<void>
  /** Looks for connections of users that should have been closed, and closes them. */
  connections(concerns: Concerns<UserId>): Promise<void>
  /** Called when a comparison fails after one that succeeded, so once per outage. */
  failed(error: unknown): void
}

export function createCatchUp(looking: Looking): CatchUp {
  const rooms = new Set<Concerns>()
  const users = new Set<Concerns<UserId>>()
  let timer: ReturnType<typeof setTimeout> | null = null
  let busy = false
  let failing = false
  let stopped = false

  async function look(): Promise<void> {
    const [ofRooms, ofUsers] = [[...rooms], [...users]]
    rooms.clear()
    users.clear()
    try {
      await Promise.all([
        ofRooms.length === 0 ? undefined : looking.rooms(anyOf(ofRooms)),
        ofUsers.length === 0 ? undefined : looking.connections(anyOf(ofUsers)),
      ])
      failing = false
    } catch (error) {
      for (const concerns of ofRooms) rooms.add(concerns)
      for (const concerns of ofUsers) users.add(concerns)
      if (!failing && !stopped) looking.failed(error)
      failing = true
    }
  }

  function begin(afterMs: number): void {
    if (stopped || busy || timer !== null || rooms.size + users.size === 0) return
    timer = setTimeout(async () => {
      timer = null
      busy = true
      await look()
      busy = false
      begin(failing ? RETRY_MS : PAUSE_MS)
    }, afterMs)
  }

  return {
    rooms(concerns) {
      rooms.add(concerns)
      begin(0)
    },
    signals(concerns) {
      users.add(concerns)
      begin(0)
    },
    stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function anyOf<Id>(all: readonly Concerns<Id>[]): Concerns<Id> {
  return (id) => all.some((concerns) => concerns(id))
}
