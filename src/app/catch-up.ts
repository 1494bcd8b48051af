import type { RoomId } from '../core/index.ts'

export type Concerns = (room: RoomId) => boolean

/** Between two runs, in milliseconds: while losses come one after the other, each run takes care of all since the last. */
const PAUSE_MS = 100
/** After a failure, in milliseconds. */
const RETRY_MS = 1000

/** Looks in the database for what was not heard: one look at a time, again until it succeeds. */
export interface CatchUp {
  /** Something in these rooms was not heard. The same function is the same rooms. */
  rooms(concerns: Concerns): void
  /** Something was not heard that concerns any connection. */
  signals(): void
  stop(): void
}

export interface Looking {
  /** Compares rooms with the database. */
  rooms(concerns: Concerns): Promise<void>
  /** Looks for connections that should have been closed. */
  connections(): Promise<void>
  /** A look failed, and the one before had not. */
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
