import { furthest } from '../model.ts'
import type { Clock, Signal, Signals, Timer } from '../ports.ts'

/** In which signals of one kind about one user in one room are counted, in milliseconds. */
const WINDOW_MS = 1000
/** Whoever typed or read is told of once; comings and goings are told one by one, unless they come by the dozen. */
const MOST_VISITS = 10
/** Users that are remembered, once for each kind and room; what comes past it is passed on at once. */
const LIMIT = 100_000

export interface PacedSignals extends Signals {
  /** Passes on whatever is held back, at once. */
  flush(): void
}

/**
 * Passes on that a user types or reads in a room once a second at most, and that they come or go ten times at most, so that a
 * client that toggles it does not cost every listener a frame each time. The first signal goes out at once. Of those that are
 * too many within the second after it the last one goes out at its end, so listeners always learn how things stand.
 * Everything else passes through.
 */
export function pacedSignals(clock: Clock, out: Signals): PacedSignals {
  /** The one that began first comes first. */
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
      // Whoever came and went meanwhile is where they were. The same typing may be news: a message may have ended it.
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
      // The next window begins with it, behind all others.
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

/** The later of two signals; of marks the furthest: those of two nodes come in either order, and marks only move forward. */
function merged(known: OfUser, signal: OfUser): OfUser {
  if (signal.type !== 'marks' || known.type !== 'marks') return signal
  const readSeq = furthest(signal.readSeq, known.readSeq)
  return { ...signal, readSeq, deliveredSeq: furthest(signal.deliveredSeq, known.deliveredSeq) }
}

/** What is paced. */
type OfUser = Extract<Signal, { type: 'typing' | 'marks' | 'arrived' | 'departed' }>

interface Window {
  /** In the clock's ticks. */
  readonly since: number
  /** How many were passed on, and the last of them. */
  count: number
  told: OfUser
  /** To be passed on at its end. */
  next: OfUser | null
}
