import type { Clock } from '../../core/index.ts'
import type { Connection } from './connection.ts'
import { CLOSE_SIGNED_OUT, type Connections } from './connections.ts'

export interface KeepAliveOptions {
  /** Milliseconds without a sign of life after which a ping is sent. */
  readonly pingMs: number
  /** Milliseconds without a sign of life after which the peer counts as gone. */
  readonly pongDeadlineMs: number
  /** Milliseconds between the beats of a session. */
  readonly heartbeatMs: number
}

/** What is kept alive of a connection. */
export type Kept = Pick<
  Connection,
  'lastHeard' | 'lastBeat' | 'expiresAt' | 'session' | 'ping' | 'close' | 'terminate'
>

/** Milliseconds between two steps. Ten thousand sockets get some thirty beats in a step, which takes less than a millisecond. */
const STEP_MS = 20
/** In how many rounds all sockets are looked at between two beats. With fewer, more beats would come sooner than they have to. */
const ROUNDS = 6
/** The part of the time between two beats after which one is sent: the next round comes before the rest of the time is over. */
const EARLY = 0.75

/**
 * Pings silent peers, cuts those that stay silent, calls the sessions' beats, and closes connections whose sessions have expired. One
 * timer serves all sockets.
 * @returns a function that stops it
 */
export function keepAlive(
  connections: Pick<Connections, 'all' | 'size'>,
  clock: Pick<Clock, 'ticks'>,
  options: KeepAliveOptions,
): () => void {
  const step = keepAliveSteps(connections, options, clock.ticks())
  const timer = setInterval(() => step(clock.ticks()), STEP_MS)
  return () => clearInterval(timer)
}

/**
 * Returns a function that looks at the next few sockets, to be called every 20 ms with the clock's ticks. All of them in one turn
 * of the event loop would hold messages up: those that came at the same time, as after a restart, are due at the same time for ever.
 * @param now the clock's ticks
 */
export function keepAliveSteps(
  connections: { all(): Iterable<Kept>; readonly size: number },
  options: KeepAliveOptions,
  now: number,
): (now: number) => void {
  const roundMs = Math.max(50, Math.min(options.pingMs, options.heartbeatMs) / ROUNDS)
  /** Goes on where it stopped: an iterator of a Set bears with what is added and deleted meanwhile. */
  let round = connections.all()[Symbol.iterator]()
  let last = now
  /** How many sockets are due to be looked at. */
  let due = 0

  function next(): Kept | undefined {
    const { value, done } = round.next()
    if (done !== true) return value
    round = connections.all()[Symbol.iterator]()
    const first = round.next()
    return first.done === true ? undefined : first.value
  }

  return (now) => {
    const passed = now - last
    last = now
    // The process itself stalled, so it has not yet read what peers sent meanwhile.
    if (passed > 2 * roundMs) for (const connection of connections.all()) connection.lastHeard += passed
    due += (connections.size * Math.min(passed, roundMs)) / roundMs
    for (; due >= 1; due--) {
      const connection = next()
      if (connection !== undefined) attend(connection, now, options)
    }
  }
}

function attend(
  connection: Kept,
  now: number,
  { pingMs, pongDeadlineMs, heartbeatMs }: KeepAliveOptions,
): void {
  if (now >= connection.expiresAt) {
    connection.close(CLOSE_SIGNED_OUT, 'the token has expired')
    return
  }
  if (now - connection.lastHeard >= pongDeadlineMs) {
    connection.terminate()
    return
  }
  if (now - connection.lastHeard >= pingMs) connection.ping()
  if (now - connection.lastBeat < heartbeatMs * EARLY) return
  connection.lastBeat = now
  connection.session.beat?.()
}
