import type { RoomId, UserId } from '../model.ts'
import type { Clock, Signal, Signals } from '../ports.ts'
import {
  isUserSignal,
  isVisit,
  kindOf,
  merged,
  type PresenceSignal,
  type SignalKind,
  type UserSignal,
} from './room-signals.ts'
import { Windows } from './windows.ts'

/** The length of a window, in which the signals of one kind in one room are counted, in milliseconds. */
const WINDOW_MS = 1000
/** The most frames that the signals of one kind in one room may cost in a window, over all listeners. */
const MOST_FRAMES = 20_000
/** The most frames a second that the signals of all rooms may cost, and as many at once after a pause. */
const MOST_IN_ALL = 100_000
/** The most signals that are held back in all rooms together; those beyond it are lost. */
const MOST_HELD = 100_000

export interface CappedSignals extends Signals {
  /** Forgets what is held back. */
  stop(): void
}

/**
 * Limits what signals cost where they are delivered: each is a frame for every listener of the room, so a hundred users who type
 * in a room of five thousand would cost half a million frames a second. A room's signals of one kind are passed on as long as they
 * cost less than `MOST_FRAMES` a second, though at least one of them, and those of all rooms less than `MOST_IN_ALL`. Of those beyond
 * it the latest of each user is held back, and they are passed on in the seconds that follow, the user who has waited longest first.
 *
 * @param listeners returns how many sockets in the room are shown signals of a kind, since only these cost a frame
 */
export function cappedSignals(
  clock: Clock,
  out: Signals,
  listeners: (room: RoomId, kind: SignalKind) => number,
): CappedSignals {
  let heldInAll = 0
  /** How many frames signals may still cost now; less than 0 after one that cost more than there were. */
  let frames = MOST_IN_ALL
  let countedAt = clock.ticks()
  const windows = new Windows<RoomWindow>(clock, WINDOW_MS, (key, { roomId, kind, held }) => {
    if (held.size === 0) return
    const window = begin(key, roomId, kind, held)
    for (const [user, signal] of held) {
      if (!take(window)) return
      held.delete(user)
      heldInAll--
      out.publish(signal)
    }
  })

  function begin(key: string, roomId: RoomId, kind: SignalKind, held: RoomWindow['held']): RoomWindow {
    const left = Math.max(1, Math.floor(MOST_FRAMES / Math.max(1, listeners(roomId, kind))))
    const window = { roomId, kind, left, held }
    windows.begin(key, window)
    return window
  }

  /** Takes what one signal costs. @returns false if there is not enough, and nothing was taken */
  function take(window: RoomWindow): boolean {
    const now = clock.ticks()
    frames = Math.min(MOST_IN_ALL, frames + ((now - countedAt) * MOST_IN_ALL) / WINDOW_MS)
    countedAt = now
    if (window.left === 0 || frames <= 0) return false
    window.left--
    frames -= listeners(window.roomId, window.kind)
    return true
  }

  /** Returns whether a signal may be passed on to a room now. Otherwise it is held back. */
  function admits(roomId: RoomId, signal: UserSignal | PresenceSignal): boolean {
    const kind = kindOf(signal)
    const key = `${kind} ${roomId}`
    const open = windows.get(key)
    if (listeners(roomId, kind) === 0) {
      // The one that is held back is older, and there may be listeners again when its turn comes.
      if (open?.held.delete(signal.user.id)) heldInAll--
      return true
    }
    const window = open ?? begin(key, roomId, kind, new Map())
    if (window.held.size === 0 && take(window)) return true
    hold(window, signal)
    return false
  }

  function hold({ roomId, held }: RoomWindow, signal: UserSignal | PresenceSignal): void {
    const { id } = signal.user
    const known = held.get(id)
    if (known === undefined && heldInAll === MOST_HELD) return
    if (known !== undefined && isVisit(signal) && signal.type !== known.type) {
      // They came and went, or went and came back: they are where the listeners were told.
      heldInAll--
      held.delete(id)
      return
    }
    if (known === undefined) heldInAll++
    const own = signal.type === 'presence' ? { ...signal, rooms: [roomId] } : signal
    held.set(id, known === undefined ? own : merged(known, own))
  }

  return {
    publish(signal: Signal) {
      if (signal.type === 'presence') {
        const rooms = signal.rooms.filter((room) => admits(room, signal))
        if (rooms.length > 0) out.publish({ ...signal, rooms })
        return
      }
      // Quiet marks go to the user's own connections.
      const isCapped = isUserSignal(signal) && !(signal.type === 'marks' && signal.quiet)
      if (!isCapped || admits(signal.roomId, signal)) out.publish(signal)
    },
    stop() {
      windows.clear()
      heldInAll = 0
    },
  }
}

interface RoomWindow {
  readonly roomId: RoomId
  readonly kind: SignalKind
  /** How many signals may still be passed on in this window. */
  left: number
  /** The signals that wait for a later window, each user's latest. */
  readonly held: Map<UserId, UserSignal | PresenceSignal>
}
