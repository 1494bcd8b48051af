import type { Logger } from './logger.ts'
import { seldom } from './seldom.ts'

/** Milliseconds between two lines. */
const REPEAT_MS = 60_000

/**
 * Returns a function that tells the log, now and then, that an address is past a limit. Behind a proxy that says nothing of its clients
 * nothing else shows that all of them are one address.
 * @param what the limit is on, and the setting
 */
export function crowdedAddressWarning(log: Logger, what: string): (address: string) => void {
  return seldom(REPEAT_MS, (address: string) =>
    log.warn(
      { address },
      `${what} from ${address} are refused. If that is your proxy, all of its users count as one: have it send X-Forwarded-For, and list it in TRUSTED_PROXIES`,
    ),
  )
}
