import type { Clock } from '../../core/index.ts'
import type { Connection } from './connection.ts'
import type { Waiting } from './connection-host.ts'
import { Rate, type RateOptions } from './rate.ts'

/** Handles what the inbox has taken. Must not throw. */
export interface InboxHandlers {
  /** @param frame null for a binary one */
  frame(connection: Connection, frame: string | null): void
  /** Called last. */
  end(connection: Connection): void
}

export interface InboxOptions {
  /** The frames that one connection may send, pings and pongs included. */
  readonly frames: RateOptions
  /** The frames of one connection that may be refused. */
  readonly refusals: RateOptions
}

/** Each so many bytes or characters of a frame weigh as much as the frame itself. */
const WEIGHED_SIZE = 4096
/** The weight of a ping or a pong of the protocol. Bun answers a ping at once, so it cannot wait. Well-behaved clients send one in seconds. */
const CONTROL_WEIGHT = 20

/** The weight that is handled before turns are timed, so that a quiet server sets no timers. */
const UNTIMED = 32
/** Milliseconds for which frames are handled in one turn of the event loop; the rest waits for the next turn. */
const SLICE_MS = 5
/** The frames of one connection that are handled before the next connection has its turn. */
const TURN = 16
/**
 * The weight that may wait over all connections: each frame counts once, and once more for each 512 characters. Beyond it each
 * connection may have only a few frames waiting. Bounds the memory (32 MB) and the bytes read in one turn.
 */
const CROWDED = 65_536
const WAITING_SIZE = 512
const FEW = 32

/** 1008, policy violation: the client must not come back and go on like this. */
const CLOSE_FLOOD = 1008
/** 1013, try again later. */
const CLOSE_CROWDED = 1013

/**
 * Hands the frames that sockets receive to their sessions, each connection's in order.
 *
 * Bun dispatches a whole read buffer (512 KB, about 75,000 of the smallest frames) in one turn of the event loop, so frames must not
 * be handled as fast as they arrive. Each connection has two limits: one on the frames that it sends, one on those that are refused.
 * Beyond either it is closed with 1008, and Bun drops the rest of the buffer. Over all connections, frames are handled for a few
 * milliseconds per turn. The rest waits for the next turn. The connections that it came from are not read meanwhile, which puts TCP
 * back-pressure on their senders.
 */
export class Inbox {
  readonly #clock: Clock
  readonly #frames: Rate
  readonly #refusals: Rate
  readonly #handlers: InboxHandlers
  /** The connections whose frames wait, in the order of their turns. One that was closed meanwhile is skipped in its turn. */
  readonly #ready = new Set<Connection>()
  /** The weight of the frame that is being handled; 1 if there is none. */
  #current = 1
  /** The weight of all frames that wait. */
  #waiting = 0
  /** The weight handled since the last timed turn. */
  #untimed = 0
  /** Whether `#next` is due, and when the turn began. */
  #timed = false
  #began = 0

  constructor(clock: Clock, { frames, refusals }: InboxOptions, handlers: InboxHandlers) {
    this.#clock = clock
    this.#frames = new Rate(frames)
    this.#refusals = new Rate(refusals)
    this.#handlers = handlers
  }

  /**
   * @param frame null for a binary frame; no contract reads those
   * @param size in bytes, or for text in characters
   */
  receive(connection: Connection, frame: string | null, size: number): void {
    const weight = 1 + Math.floor(size / WEIGHED_SIZE)
    const now = this.#clock.ticks()
    if (!this.#admits(connection, weight, now)) return
    if (connection.waiting === null && this.#hasTime(weight, now)) this.#handle(connection, frame)
    else this.#defer(connection, frame)
  }

  /** Takes a ping or a pong of the protocol; Bun answers pings by itself. */
  control(connection: Connection): void {
    this.#admits(connection, CONTROL_WEIGHT, this.#clock.ticks())
  }

  /**
   * Takes the frames of a batch beyond the first, which was taken when the batch arrived.
   * @returns false if they were too many; the connection is then closed
   */
  takeBatch(connection: Connection, further: number): boolean {
    const now = this.#clock.ticks()
    // What is refused of it weighs as if it had come alone, by its share of the size.
    this.#current = 1 + Math.floor((this.#current - 1) / (further + 1))
    // The next frames of this turn are timed the sooner.
    if (!this.#timed) this.#hasTime(further, now)
    return this.#admits(connection, further, now)
  }

  /**
   * Takes a refusal, by the weight of the frame if it is being handled.
   * @returns false if it was one too many; the connection is then closed
   */
  takeRefusal(connection: Connection): boolean {
    const full = this.#refusals.take(connection.refusalsFullAt, this.#current, this.#clock.ticks())
    if (full === null) {
      connection.close(CLOSE_FLOOD, 'too many refused frames')
      return false
    }
    connection.refusalsFullAt = full
    return true
  }

  /** The socket has closed. If the peer closed it, its waiting frames are handled first. */
  closed(connection: Connection): void {
    if (connection.waiting === null || connection.closing) this.#handlers.end(connection)
    else connection.waiting.isLast = true
  }

  #admits(connection: Connection, weight: number, now: number): boolean {
    // Bun dispatches nothing after a close. This is for a close within the same turn.
    if (connection.closing) return false
    connection.lastHeard = now
    const full = this.#frames.take(connection.framesFullAt, weight, now)
    if (full === null) {
      connection.close(CLOSE_FLOOD, 'too many frames')
      return false
    }
    connection.framesFullAt = full
    return true
  }

  #handle(connection: Connection, frame: string | null): void {
    this.#current = 1 + Math.floor((frame?.length ?? 0) / WEIGHED_SIZE)
    this.#handlers.frame(connection, frame)
    this.#current = 1
  }

  #hasTime(weight: number, now: number): boolean {
    if (this.#timed) return now - this.#began < SLICE_MS
    this.#untimed += weight
    if (this.#untimed >= UNTIMED) this.#begin(now)
    return true
  }

  #begin(now: number): void {
    this.#timed = true
    this.#began = now
    setImmediate(this.#next)
  }

  #defer(connection: Connection, frame: string | null): void {
    let waiting = connection.waiting
    if (waiting === null) {
      waiting = { frames: [], at: 0, isLast: false }
      connection.waiting = waiting
      connection.pause()
      this.#ready.add(connection)
    }
    if (this.#waiting >= CROWDED && waiting.frames.length >= FEW) {
      connection.close(CLOSE_CROWDED, 'the server has too much to do')
      return
    }
    waiting.frames.push(frame)
    this.#waiting += waitingWeight(frame)
  }

  /** Runs in the next turn of the event loop, after all other events that were ready. */
  readonly #next = (): void => {
    this.#untimed = 0
    this.#timed = false
    if (this.#ready.size === 0) return
    this.#begin(this.#clock.ticks())
    const end = this.#began + SLICE_MS
    // A connection that is added again comes up again in this loop, after the others.
    for (const connection of this.#ready) {
      if (this.#clock.ticks() >= end) break
      this.#ready.delete(connection)
      if (this.#serve(connection, end)) this.#ready.add(connection)
    }
  }

  /** Handles frames of one connection. @returns whether more of them wait */
  #serve(connection: Connection, end: number): boolean {
    const { waiting } = connection
    if (waiting === null) return false
    // Sends its answers in one write, as for frames that are handled on arrival.
    connection.cork(() => this.#handleSome(connection, waiting, end))
    const { frames } = waiting
    if (waiting.at < frames.length && !connection.closing) return true
    for (; waiting.at < frames.length; waiting.at++)
      this.#waiting -= waitingWeight(frames[waiting.at] ?? null)
    connection.waiting = null
    if (waiting.isLast) this.#handlers.end(connection)
    else connection.resume()
    return false
  }

  #handleSome(connection: Connection, waiting: Waiting, end: number): void {
    let now = 0
    for (let n = 0; n < TURN && now < end && waiting.at < waiting.frames.length; n++) {
      if (connection.closing) return
      const frame = waiting.frames[waiting.at++] ?? null
      this.#waiting -= waitingWeight(frame)
      this.#handle(connection, frame)
      now = this.#clock.ticks()
      connection.lastHeard = now
    }
  }
}

/** The content of a binary frame is not kept. */
function waitingWeight(frame: string | null): number {
  return 1 + Math.floor((frame?.length ?? 0) / WAITING_SIZE)
}
