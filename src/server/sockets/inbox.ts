import type { Clock } from '../../core/index.ts'
import type { Connection, Waiting } from './connection.ts'
import { Rate, type RateOptions } from './rate.ts'

/** What becomes of what is taken. Must not throw. */
export interface InboxHandlers {
  /** @param frame null for a binary one */
  frame(connection: Connection, frame: string | null): void
  /** Nothing comes after this. */
  end(connection: Connection): void
}

export interface InboxOptions {
  /** What one connection may send, pings and pongs included. */
  readonly frames: RateOptions
  /** Of what it sends, how much may be refused. */
  readonly refusals: RateOptions
}

/** Bytes of a frame, or characters, that weigh as much as the frame itself. */
const WEIGHED_SIZE = 4096
/** What a ping or a pong of the protocol weighs: Bun answers it at once, so it cannot wait. Proper clients send one in seconds. */
const CONTROL_WEIGHT = 20

/** Weight of frames handled before anything is timed, so that a quiet server sets no timers. */
const UNTIMED = 32
/** How long frames may keep one turn of the event loop, in milliseconds; what is left then waits for the next turn. */
const SLICE_MS = 5
/** Frames of one connection that are handled before the next connection has its turn. */
const TURN = 16
/**
 * What may wait over all connections, each frame counting once and once more for each 512 characters; past it each connection
 * may have only a few frames waiting. Bounds memory (16 MB), and what is read in one turn.
 */
const CROWDED = 32_768
const WAITING_SIZE = 512
const FEW = 32

/** 1008, policy violation: the client is not to come back and go on like this. */
const CLOSE_FLOOD = 1008
/** 1013, try again later. */
const CLOSE_CROWDED = 1013

/**
 * Takes what sockets receive and hands it to their sessions, each connection's frames in order.
 *
 * Bun dispatches a whole read buffer (512 KB, about 75,000 of the smallest frames) in one turn of the event loop, so neither
 * one connection nor many together may be handled as fast as they send. Two bounds hold for each connection: one on what it
 * sends, one on what of that is refused; past either it is closed with 1008, after which Bun drops the rest of the buffer.
 * Over all connections a turn handles frames for a few milliseconds. What is left waits for the next turn, and the
 * connections that it came from are not read meanwhile, so that their senders feel TCP's back-pressure.
 */
export class Inbox {
  readonly #clock: Clock
  readonly #frames: Rate
  readonly #refusals: Rate
  readonly #handlers: InboxHandlers
  /** Whose frames wait, in the order of their turns; those that were closed meanwhile are found when their turn comes. */
  readonly #ready = new Set<Connection>()
  /** The weight of the frame that is handled now; of one while there is none. */
  #current = 1
  /** The weight of all that waits. */
  #waiting = 0
  /** Of what was handled since the last timed turn. */
  #untimed = 0
  /** Whether `#next` is due, and since when the turn lasts. */
  #timed = false
  #began = 0

  constructor(clock: Clock, { frames, refusals }: InboxOptions, handlers: InboxHandlers) {
    this.#clock = clock
    this.#frames = new Rate(frames)
    this.#refusals = new Rate(refusals)
    this.#handlers = handlers
  }

  /**
   * @param frame null for a binary one, of which no contract reads any
   * @param size in bytes, or in characters of text
   */
  receive(connection: Connection, frame: string | null, size: number): void {
    const weight = 1 + Math.floor(size / WEIGHED_SIZE)
    const now = this.#clock.ticks()
    if (!this.#admits(connection, weight, now)) return
    if (connection.waiting === null && this.#hasTime(weight, now)) this.#handle(connection, frame)
    else this.#defer(connection, frame)
  }

  /** A ping or a pong of the protocol; Bun answers pings by itself. */
  control(connection: Connection): void {
    this.#admits(connection, CONTROL_WEIGHT, this.#clock.ticks())
  }

  /**
   * A frame is refused; while it is handled its size counts, too.
   * @returns false when that is one too many, and the connection is closed
   */
  refused(connection: Connection): boolean {
    const full = this.#refusals.take(connection.refusalsFullAt, this.#current, this.#clock.ticks())
    if (full === null) {
      connection.close(CLOSE_FLOOD, 'too many refused frames')
      return false
    }
    connection.refusalsFullAt = full
    return true
  }

  /** The peer has gone, or was sent away: whoever went by themselves is heard to the end first. */
  closed(connection: Connection): void {
    if (connection.waiting === null || connection.closing) this.#handlers.end(connection)
    else connection.waiting.isLast = true
  }

  #admits(connection: Connection, weight: number, now: number): boolean {
    // Nothing is dispatched after a close; this is for a close that comes from within a turn.
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

  /** A turn of the event loop has passed, and whatever else was ready has been looked at. */
  readonly #next = (): void => {
    this.#untimed = 0
    this.#timed = false
    if (this.#ready.size === 0) return
    this.#begin(this.#clock.ticks())
    const end = this.#began + SLICE_MS
    // Who is put back comes up again in this very loop, after the others.
    for (const connection of this.#ready) {
      if (this.#clock.ticks() >= end) break
      this.#ready.delete(connection)
      if (this.#serve(connection, end)) this.#ready.add(connection)
    }
  }

  /** @returns whether there is more */
  #serve(connection: Connection, end: number): boolean {
    const { waiting } = connection
    if (waiting === null) return false
    // Its answers go out in one write, as they do for frames that are handled when they come.
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

/** Of a binary frame nothing is kept. */
function waitingWeight(frame: string | null): number {
  return 1 + Math.floor((frame?.length ?? 0) / WAITING_SIZE)
}
