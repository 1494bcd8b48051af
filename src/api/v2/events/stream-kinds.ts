import type { Timer } from '../../../core/index.ts'
import type { Peer } from '../socket/peer.ts'
import { idLines, retryLines } from './event-stream.ts'
import type { FrameList } from './frame-list.ts'
import { positionText } from './stream-position.ts'
import type { StreamHooks, StreamSession } from './stream-session.ts'

/** Milliseconds until the next id, for each character of one: so ids take no more than 1 KB a second, however many rooms there are. */
const MS_PER_CHARACTER = 1

/** Milliseconds for which what is of the moment waits in a poll. */
const MINOR_MS = 1000

/** A stream that a client follows for as long as it can. @param hasIds whether it is told ids, with which it can go on elsewhere */
export function lasting(peer: Peer, session: StreamSession, hasIds: boolean): StreamHooks {
  const { connection, options } = peer
  const { clock } = options
  let timer: Timer | null = null
  let isDue = false
  let hasBegun = false
  /** In the clock's ticks. */
  let notBefore = 0

  /** After what it stands for, and in one write with it unless ids come too often. */
  function moved(): void {
    if (!hasBegun || isDue) return
    isDue = true
    const waitMs = notBefore - clock.ticks()
    if (waitMs <= 0) queueMicrotask(tell)
    else timer = clock.after(waitMs, tell)
  }

  function tell(): void {
    timer = null
    isDue = false
    if (!connection.alive) return
    const text = positionText(session.position)
    // With too many rooms there are no ids: a client that comes back gets snapshots.
    if (text === null) return
    connection.write(idLines(text))
    notBefore = clock.ticks() + text.length * MS_PER_CHARACTER
  }

  return {
    begun() {
      hasBegun = hasIds
      moved()
    },
    moved,
    goingAway: (delayMs) => connection.write(retryLines(delayMs)),
    closed: () => timer?.cancel(),
  }
}

/** An answer to a poll: ends once it has told something, or after a time. */
export function polled({ connection, options }: Peer, list: FrameList, waitMs: number): StreamHooks {
  let timer: Timer | null = null
  const end = () => connection.close(1000, 'told')

  return {
    begun() {
      if (list.hasNews || waitMs === 0) {
        end()
        return
      }
      timer = options.clock.after(waitMs, end)
      // What comes in the same turn goes along.
      list.onNews = () => queueMicrotask(end)
      list.onMinor = () => {
        list.onMinor = null
        timer?.cancel()
        timer = options.clock.after(Math.min(waitMs, MINOR_MS), end)
      }
    },
    moved: () => undefined,
    goingAway: () => undefined,
    closed: () => timer?.cancel(),
  }
}
