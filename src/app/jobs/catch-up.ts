import type { RoomId } from '../../core/index.ts'

export type Concerns = (room: RoomId) => boolean

/** Milliseconds between two comparisons: if losses follow each other, one comparison handles all since the last. */
const PAUSE_MS = 100
/** Milliseconds until a retry. */
const RETRY_MS = 1000

/** Compares this node with the database after something may have been lost: one comparison at a time, retried until it succeeds. */
export interface CatchUp {
  /** Events of the rooms for which the function returns true may have been lost. Pass the same function for the same rooms. */
  rooms(concerns: Concerns): void
  /** Signals that concern connections may have been lost. */
  signals(): void
  stop(): void
}

export interface Looking {
  /** Compares rooms with the database. */
  rooms(concerns: Concerns): Promise<void>
  /** Looks for connections that should have been closed, and closes them. */
  connections(): Promise<void>
  /** Called when a comparison fails after one that succeeded, so once per outage. */
  failed(error: unknown): void
}

export function createCatchUp(looking: Looking): CatchUp {
  const waiting = new Set<Concerns>()
  let signals = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let busy = false
  let failing = false
  let stopped = false

  async function look(): Promise<void> {
    const some = [...waiting]
    const connections = signals
    waiting.clear()
    signals = false
    try {
      await Promise.all([
        some.length === 0 ? undefined : looking.rooms((room) => some.some((concerns) => concerns(room))),
        connections ? looking.connections() : undefined,
      ])
      failing = false
    } catch (error) {
      for (const concerns of some) waiting.add(concerns)
      signals ||= connections
      if (!failing && !stopped) looking.failed(error)
      failing = true
    }
  }

  function begin(afterMs: number): void {
    if (stopped || busy || timer !== null || (waiting.size === 0 && !signals)) return
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
      waiting.add(concerns)
      begin(0)
    },
    signals() {
      signals = true
      begin(0)
    },
    stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
