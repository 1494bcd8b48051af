import type { RoomId, UserId } from '../model.ts'
import type { Clock, Signals } from '../ports.ts'
import { isUserSignal, isVisit, kindOf, merged, type UserSignal } from './room-signals.ts'
import { Windows } from './windows.ts'

/** The length of a window, in which the signals of one kind in one room are counted, in milliseconds. */
const WINDOW_MS = 1000
/** The most frames that the signals of one kind in one room may cost in a window, over all listeners. */
const MOST_FRAMES = 20_000
/** The most signals that are held back in all rooms together; those beyond it are lost. */
const MOST_HELD = 100_000

export interface CappedSignals extends Signals {
  /** Forgets what is held back. */
  stop(): void
}

/**
 * Limits what signals cost where they are delivered: each is a frame for every listener of the room, so a hundred users who type
 * in a room of five thousand would cost half a million frames a second. A room's signals of one kind are passed on as long as they
 * cost less than `MOST_FRAMES` a second, though at least one of them. Of those beyond it the latest of each user is held back, and
 * they are passed on in the seconds that follow, the user who has waited longest first.
 *
 * @param listeners returns how many sockets listen to the room
 */
export function cappedSignals(
  clock: Clock,
  out: Signals,
  listeners: (room: RoomId) => number,
): CappedSignals {
  let heldInAll = 0
  const windows = new Windows<RoomWindow>(clock, WINDOW_MS, (key, { roomId, held }) => {
    if (held.size === 0) return
    const window = begin(key, roomId, held)
    for (const [user, signal] of held) {
      if (window.left === 0) return
      held.delete(user)
      heldInAll--
      pass(window, signal)
    }
  })

  /** Whether it costs the room nothing: quiet marks go to the user's own connections. */
  function isFree(signal: UserSignal): boolean {
    return (signal.type === 'marks' && signal.quiet) || listeners(signal.roomId) === 0
  }

  function begin(key: string, roomId: RoomId, held: RoomWindow['held']): RoomWindow {
    const left = Math.max(1, Math.floor(MOST_FRAMES / Math.max(1, listeners(roomId))))
    const window = { roomId, left, held }
    windows.begin(key, window)
    return window
  }

  function pass(window: RoomWindow, signal: UserSignal): void {
    window.left--
    out.publish(signal)
  }

  function hold({ held }: RoomWindow, signal: UserSignal): void {
    const { id } = signal.user
    const known = held.get(id)
    if (known === undefined) {
      if (heldInAll === MOST_HELD) return
      heldInAll++
      held.set(id, signal)
    } else if (isVisit(signal) && signal.type !== known.type) {
      // They came and went, or went and came back: they are where the listeners were told.
      heldInAll--
      held.delete(id)
    } else {
      held.set(id, merged(known, signal))
    }
  }

  return {
    publish(signal) {
      if (!isUserSignal(signal) || isFree(signal)) {
        out.publish(signal)
        return
      }
      const key = `${kindOf(signal)} ${signal.roomId}`
      const window = windows.get(key) ?? begin(key, signal.roomId, new Map())
      if (window.left > 0 && window.held.size === 0) pass(window, signal)
      else hold(window, signal)
    },
    stop() {
      windows.clear()
      heldInAll = 0
    },
  }
}

interface RoomWindow {
  readonly roomId: RoomId
  /** How many signals may still be passed on in this window. */
  left: number
  /** The signals that wait for a later window, each user's latest. */
  readonly held: Map<UserId, UserSignal>
}
