import type { Clock } from '../../../core/index.ts'

export interface V2SocketOptions {
  readonly clock: Clock
  /** Milliseconds between heartbeats at most. */
  readonly heartbeatMs: number
  /** Rooms that one connection may be subscribed to. */
  readonly maxSubscriptions: number
  /** Missed numbers up to which all that is left of them is sent; past it a snapshot is. */
  readonly resumeLimit: number
  readonly maxFrameBytes: number
  readonly maxMessageLength: number
}
