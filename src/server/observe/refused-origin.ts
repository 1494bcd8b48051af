import { LRUCache } from 'lru-cache'
import type { Logger } from './logger.ts'

/** Origins that are remembered as told, and milliseconds between two lines: clients can make up origins at any rate. */
const REMEMBERED = 100
const BETWEEN_MS = 10_000
/** Characters: a scheme, a name in the DNS and a port. */
const LONGEST = 300

/**
 * Returns a function that says in the log, once for each origin, that pages of it are refused. Browsers tell a page, and its
 * developer, nothing of the reason.
 */
export function refusedOriginWarning(log: Logger): (origin: string, own: string) => void {
  const told = new LRUCache<string, true>({ max: REMEMBERED })
  let last = Number.NEGATIVE_INFINITY

  return (origin, own) => {
    const now = performance.now()
    // Anything else is no browser's.
    if (told.has(origin) || now - last < BETWEEN_MS || !isOrigin(origin)) return
    told.set(origin, true)
    last = now
    log.warn({ origin, own }, `ALLOWED_ORIGINS: a page of ${origin} was refused; ${remedyFor(origin, own)}`)
  }
}

function isOrigin(text: string): boolean {
  if (text === 'null') return true
  if (text.length > LONGEST) return false
  const url = URL.parse(text)
  return url !== null && url.host !== '' && text === `${url.protocol}//${url.host}`
}

function remedyFor(origin: string, own: string): string {
  if (origin === 'null')
    return 'files and sandboxed frames have this origin, which cannot be allowed: serve the page over HTTP'
  return `this server's own pages are of ${own}, and ${origin} is not listed. If it is your frontend, add it to ALLOWED_ORIGINS. If it is the address of this server, set PUBLIC_URL to it, or list your proxy in TRUSTED_PROXIES`
}
