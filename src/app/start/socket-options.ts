import type { Config } from '../../config.ts'
import type { SocketOptions } from '../../server/index.ts'

/** Returns the limits of each socket of this node. */
export function socketOptions({ limits, socket }: Config): SocketOptions {
  // A client that reconnects subscribes to all its rooms at once, reads each of them, and may be refused each time.
  const framesBurst = Math.max(limits.framesBurst, 3 * limits.maxSubscriptions)
  const refusalsBurst = Math.max(limits.refusalsBurst, limits.maxSubscriptions)
  return {
    ...socket,
    maxFrameBytes: limits.maxBodyBytes,
    frames: { perSecond: limits.framesPerSecond, burst: framesBurst },
    refusals: { perSecond: limits.refusalsPerSecond, burst: refusalsBurst },
  }
}
