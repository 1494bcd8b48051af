import type { Clock, Signals } from '../ports.ts'
import { isUserSignal, isVisit, kindOf, merged, type UserSignal } from './room-signals.ts'
import { Windows } from './windows.ts'

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
  const windows = new Windows<Told>(clock, WINDOW_MS, (key, { next }) => {
    if (next !== null) begin(key, next)
  })

  function begin(key: string, signal: UserSignal): void {
    windows.begin(key, { count: 1, told: signal, next: null })
    out.publish(signal)
  }

  function goOn(window: Told, signal: UserSignal): void {
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

  return {
    publish(signal) {
      if (!isUserSignal(signal)) {
        out.publish(signal)
        return
      }
      const key = `${kindOf(signal)} ${signal.roomId} ${signal.user.id}`
      const window = windows.get(key)
      if (window !== undefined) goOn(window, signal)
      else if (windows.size < LIMIT) begin(key, signal)
      else out.publish(signal)
    },
    flush() {
      for (const { next } of windows.clear()) if (next !== null) out.publish(next)
    },
  }
}

function mostOf(signal: UserSignal): number {
  return isVisit(signal) ? MOST_VISITS : 1
}

interface Told {
  /** How many signals were passed on, and the last of them. */
  count: number
  told: UserSignal
  /** The signal to pass on at the window's end. */
  next: UserSignal | null
}
