import type { Config } from '../config.ts'
import type { SocketOptions } from '../server/index.ts'

/** What the sockets of this node allow. */
export function socketOptions({ limits, socket }: Config): SocketOptions {
  // A client that comes back asks for all of its rooms at once, reads each of them, and may be refused each.
  const framesBurst = Math.max(limits.framesBurst, 3 * limits.maxSubscriptions)
  const refusalsBurst = Math.max(limits.refusalsBurst, limits.maxSubscriptions)
  return {
    ...socket,
    maxFrameBytes: limits.maxBodyBytes,
    frames: { perSecond: limits.framesPerSecond, burst: framesBurst },
    refusals: { perSecond: limits.refusalsPerSecond, burst: refusalsBurst },
  }
}
