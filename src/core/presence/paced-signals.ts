import { furthest } from '../model.ts'
import type { Clock, Signal, Signals, Timer } from '../ports.ts'

/** The length of a window, in which signals of one kind about one user in one room are counted, in milliseconds. */
const WINDOW_MS = 1000
/** The most arrivals and departures in a window; typing and marks are passed on once. */
const MOST_VISITS = 10
/** The most windows that are remembered; signals beyond it are passed on at once. */
const LIMIT = 100_000

export interface PacedSignals extends Signals {
  /** Passes on at once what is held back. */
  flush(): void
}

/**
 * Limits the signals about one user in one room: typing and marks are passed on once a second, arrivals and departures ten times, so
 * that a client that toggles them does not cost every listener a frame each time. The first signal is passed on at once. Of those that
 * exceed the limit, the last one is passed on at the end of the second, so that listeners always learn the final state. All other
 * signals pass unchanged.
 */
export function pacedSignals(clock: Clock, out: Signals): PacedSignals {
  /** The window that began first comes first. */
  const windows = new Map<string, Window>()
  let timer: Timer | null = null

  function begin(key: string, signal: OfUser): void {
    windows.set(key, { since: clock.ticks(), count: 1, told: signal, next: null })
    out.publish(signal)
    waitForFirst()
  }

  function goOn(window: Window, signal: OfUser): void {
    const isNews = !isVisit(signal) || signal.type !== window.told.type
    if (window.count === mostOf(signal)) {
      // A user who came and went meanwhile is where they were. The same typing may be news, since a message may have ended it.
      window.next = isNews ? merged(window.next ?? window.told, signal) : null
    } else if (isNews) {
      window.count++
      window.told = signal
      out.publish(signal)
    }
  }

  function waitForFirst(): void {
    if (timer !== null) return
    for (const { since } of windows.values()) {
      timer = clock.after(since + WINDOW_MS - clock.ticks(), () => {
        endWindows(clock.ticks())
        timer = null
        waitForFirst()
      })
      return
    }
  }

  function endWindows(now: number): void {
    for (const [key, { since, next }] of windows) {
      if (since + WINDOW_MS > now) return
      windows.delete(key)
      // The next window begins with it, as the last one in the map.
      if (next !== null) begin(key, next)
    }
  }

  return {
    publish(signal) {
      if (!isPaced(signal)) {
        out.publish(signal)
        return
      }
      const key = keyOf(signal)
      const window = windows.get(key)
      if (window !== undefined) goOn(window, signal)
      else if (windows.size < LIMIT) begin(key, signal)
      else out.publish(signal)
    },
    flush() {
      timer?.cancel()
      timer = null
      const held = [...windows.values()]
      windows.clear()
      for (const { next } of held) if (next !== null) out.publish(next)
    },
  }
}

function isPaced(signal: Signal): signal is OfUser {
  return signal.type === 'typing' || signal.type === 'marks' || isVisit(signal)
}

function isVisit({ type }: Signal): boolean {
  return type === 'arrived' || type === 'departed'
}

function keyOf(signal: OfUser): string {
  return `${isVisit(signal) ? 'visit' : signal.type} ${signal.roomId} ${signal.user.id}`
}

function mostOf(signal: OfUser): number {
  return isVisit(signal) ? MOST_VISITS : 1
}

/** Returns the later of two signals. Marks only move forward, and those of two nodes may come in either order, so the furthest count. */
function merged(known: OfUser, signal: OfUser): OfUser {
  if (signal.type !== 'marks' || known.type !== 'marks') return signal
  const readSeq = furthest(signal.readSeq, known.readSeq)
  return { ...signal, readSeq, deliveredSeq: furthest(signal.deliveredSeq, known.deliveredSeq) }
}

/** The signals that are paced. */
type OfUser = Extract<Signal, { type: 'typing' | 'marks' | 'arrived' | 'departed' }>

interface Window {
  /** In the clock's ticks: when it began. */
  readonly since: number
  /** How many signals were passed on, and the last of them. */
  count: number
  told: OfUser
  /** The signal to pass on at its end. */
  next: OfUser | null
}
