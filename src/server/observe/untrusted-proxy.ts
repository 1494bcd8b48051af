import type { Logger } from './logger.ts'

/**
 * Returns a function that warns, once in the life of the process, of a peer that forwards requests and is not trusted. Clients can send
 * such headers themselves, so it is not called an error.
 */
export function untrustedProxyWarning(log: Logger): (peer: string, header: string) => void {
  let told = false
  return (peer, header) => {
    if (told) return
    told = true
    log.warn(
      { peer, header },
      `TRUSTED_PROXIES: a request from ${peer} has the header ${header}, which is ignored because the address is not listed. If ${peer} is your proxy, all of its users count as one address in the limits on requests, sign-ins and sockets, and HTTPS is not noticed: add it to TRUSTED_PROXIES. If it is a client, there is nothing to do`,
    )
  }
}
