import type { Logger } from './logger.ts'

/**
 * Returns a function that warns, once in the life of the process, of a proxy that does not pass WebSocket upgrades on. Behind it no
 * client can open a socket, and each tries again for ever.
 */
export function lostUpgradeWarning(log: Logger): (peer: string) => void {
  let told = false
  return (peer) => {
    if (told) return
    told = true
    log.warn(
      { peer },
      `sockets do not open: a WebSocket handshake from ${peer} came without its Upgrade header. A proxy there must pass on Upgrade and Connection, as src/server/README.md shows for nginx`,
    )
  }
}
