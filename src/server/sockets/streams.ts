import type { Clock } from '../../core/index.ts'
import type { Logger } from '../observe/index.ts'
import type { Connection } from './connection.ts'
import type { ConnectionHost } from './connection-host.ts'
import { CLOSE_SIGNED_OUT, type Connections } from './connections.ts'
import type { SlowReaders } from './slow-readers.ts'
import { type StreamFormat, StreamWire } from './stream-wire.ts'
import { Topics } from './topics.ts'

/** A request whose answer lasts. */
export interface Held {
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
  /** Cuts the connection within seconds. */
  cut(): void
  /** The answer is over. */
  released(): void
}

export interface StreamDeps {
  readonly connections: Connections
  readonly slowReaders: Pick<SlowReaders, 'noteUnsent'>
  readonly clock: Clock
  readonly log: Logger
  /** Unsent bytes past which a client that does not read is cut off. */
  readonly backpressureBytes: number
}

/** The connections whose frames go out in an answer over HTTP. The same sessions, limits and topics' names as sockets have. */
export class Streams {
  readonly topics = new Topics()
  readonly #deps: StreamDeps
  readonly #host: ConnectionHost<Connection>

  constructor(deps: StreamDeps) {
    this.#deps = deps
    this.#host = {
      noteUnsent: () => deps.slowReaders.noteUnsent(),
      // A stream carries no requests that could be too many.
      takeBatch: () => true,
      takeRefusal: () => true,
    }
  }

  /** Begins an answer. The connection was admitted before, and is released when the answer is over. */
  open(connection: Connection, format: StreamFormat, held: Held): Response {
    const { connections, clock, log, backpressureBytes } = this.#deps
    const failed = (error: unknown) => {
      log.error({ err: error }, 'a stream failed')
      connection.close(1011, 'internal error')
    }
    // Slow readers are cut off in order before that, unless so much is sent in one turn of the event loop.
    const wire = new StreamWire(format, this.topics, 2 * backpressureBytes, {
      taken() {
        // The client has taken bytes, so it lives.
        connection.lastHeard = clock.ticks()
        connection.onDrain()
      },
      cut: () => held.cut(),
      closed() {
        connections.release(connection)
        held.released()
        try {
          connection.onClose()
        } catch (error) {
          failed(error)
        }
      },
    })
    held.signal.addEventListener('abort', () => wire.gone())
    try {
      connection.attach(wire, clock.ticks(), this.#host)
    } catch (error) {
      failed(error)
    }
    // The session was revoked while the credential was looked up.
    if (connections.isRevoked(connection.speaker?.session ?? null))
      connection.close(CLOSE_SIGNED_OUT, 'signed out')
    // The client may have gone before that.
    if (held.signal.aborted) wire.gone()
    return new Response(wire.body, { headers: { 'content-type': format.contentType, ...UNBUFFERED } })
  }
}

/** For proxies: nginx buffers answers unless it is told not to, and what is compressed is buffered too. */
const UNBUFFERED = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' }
