import type { Clock } from '../../core/index.ts'
import type { Connections } from './connections.ts'

/**
 * Milliseconds from one look to the next, for each socket. Looking at one takes some 0.1 microseconds, so looks take a twentieth of the
 * time. Counted rather than measured: a collection of garbage within a look would put the next one off.
 */
const PAUSE_MS = 0.002
/** A shorter pause is not worth a timer, which would make it longer. Milliseconds. */
const TIMER_MS = 1
/** Milliseconds that a client has to take what it was sent before it was cut off. */
const LAST_BYTES_MS = 10_000

/**
 * Cuts off the clients that read too slowly. Nobody tells which socket has too many unsent bytes: publishing tells only that some
 * socket of a topic has any. So after that all sockets are looked at, once a turn of the event loop at most.
 */
export class SlowReaders {
  readonly #connections: Connections
  readonly #clock: Clock
  readonly #mostBytes: number
  #due = false
  /** In the clock's ticks: no look begins before. */
  #notBefore = 0

  /** @param mostBytes unsent bytes beyond which a client is cut off */
  constructor(connections: Connections, clock: Clock, mostBytes: number) {
    this.#connections = connections
    this.#clock = clock
    this.#mostBytes = mostBytes
  }

  /** Call it when a socket could not send at once what it was given. */
  noteUnsent(): void {
    if (this.#due) return
    this.#due = true
    const waitMs = this.#notBefore - this.#clock.ticks()
    // In the next turn, because what is published is handed to the sockets at the end of this one.
    if (waitMs > TIMER_MS) setTimeout(this.#look, waitMs).unref()
    else setImmediate(this.#look)
  }

  readonly #look = (): void => {
    this.#due = false
    const began = this.#clock.ticks()
    for (const connection of this.#connections.all()) {
      if (connection.unsent > this.#mostBytes) connection.cutOff(began + LAST_BYTES_MS)
    }
    this.#notBefore = began + PAUSE_MS * this.#connections.size
  }
}
