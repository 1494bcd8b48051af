import type { Clock } from '../../../core/index.ts'

export interface V2SocketOptions {
  readonly clock: Clock
  /** The most milliseconds between two heartbeats. */
  readonly heartbeatMs: number
  /** The most rooms that one connection may subscribe to. */
  readonly maxSubscriptions: number
  /** The most missed numbers that are sent as changes; a client that missed more gets a snapshot. */
  readonly resumeLimit: number
  readonly maxFrameBytes: number
  readonly maxMessageLength: number
}
