import type { WebSocketHandler } from 'bun'
import type { Clock } from '../../core/index.ts'
import type { Logger } from '../observe/index.ts'
import type { Connection } from './connection.ts'
import type { ConnectionHost } from './connection-host.ts'
import { CLOSE_SIGNED_OUT, type Connections } from './connections.ts'
import { Inbox, type InboxOptions } from './inbox.ts'
import type { KeepAliveOptions } from './keep-alive.ts'
import type { SlowReaders } from './slow-readers.ts'

export interface SocketOptions extends InboxOptions, KeepAliveOptions {
  /** The largest frame, in bytes; a larger one closes the socket with 1009. */
  readonly maxFrameBytes: number
  /** Unsent bytes past which a client that does not read is cut off. */
  readonly backpressureBytes: number
}

/** Returns Bun's socket handlers. All are synchronous. */
export function socketHandlers(
  connections: Connections,
  slowReaders: Pick<SlowReaders, 'noteUnsent'>,
  clock: Clock,
  log: Logger,
  options: SocketOptions,
): WebSocketHandler<Connection> {
  /** A fault in one session ends that session only. */
  function failed(connection: Connection, error: unknown): void {
    log.error({ err: error }, 'a socket handler failed')
    connection.close(1011, 'internal error')
  }

  function guarded(connection: Connection, run: () => void): void {
    try {
      run()
    } catch (error) {
      failed(connection, error)
    }
  }

  const inbox = new Inbox(clock, options, {
    frame(connection, frame) {
      try {
        if (frame === null) connection.session.binary()
        else connection.session.text(frame)
      } catch (error) {
        failed(connection, error)
      }
    },
    end: (connection) => guarded(connection, () => connection.onClose()),
  })

  const host: ConnectionHost<Connection> = {
    noteUnsent: () => slowReaders.noteUnsent(),
    takeBatch: (connection, further) => inbox.takeBatch(connection, further),
    takeRefusal: (connection) => inbox.takeRefusal(connection),
  }

  return {
    maxPayloadLength: options.maxFrameBytes,
    // Bun drops the frame that would exceed it, and the connection with it. Slow readers are cut off in order before that, unless so
    // much is sent in one turn of the event loop.
    backpressureLimit: 2 * options.backpressureBytes,
    closeOnBackpressureLimit: true,
    perMessageDeflate: false,
    // `keepAlive` keeps the deadline: Bun's own never fires for a peer that is sent to and does not answer.
    idleTimeout: 0,
    sendPings: false,

    open(ws) {
      guarded(ws.data, () => {
        ws.data.attach(ws, clock.ticks(), host)
        // The session was revoked between the handshake and now.
        if (connections.isRevoked(ws.data.speaker?.session ?? null))
          ws.data.close(CLOSE_SIGNED_OUT, 'signed out')
      })
    },
    message(ws, frame) {
      const isText = typeof frame === 'string'
      inbox.receive(ws.data, isText ? frame : null, frame.length)
    },
    pong(ws) {
      inbox.control(ws.data)
    },
    ping(ws) {
      inbox.control(ws.data)
    },
    drain(ws) {
      // The peer has taken bytes, so it lives: on a slow line its pongs come only after all that was sent before the ping.
      ws.data.lastHeard = clock.ticks()
      guarded(ws.data, () => ws.data.onDrain())
    },
    close(ws) {
      connections.release(ws.data)
      inbox.closed(ws.data)
    },
  }
}
