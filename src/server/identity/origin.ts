export type Origins = ReturnType<typeof createOrigins>

export interface OriginRules {
  /** The exact origins of other pages. */
  readonly allowed: readonly string[]
  /** Whether pages that are served by the browser's own machine are allowed too, on any port. */
  readonly local: boolean
}

/**
 * Says which web pages may use the session cookie: the server's own, and those that the operator allows.
 * @param onRefused told of the origin of a page that may not, and of the origin under which it sees the server
 */
export function createOrigins(
  { allowed, local }: OriginRules,
  onRefused: (origin: string, own: string) => void = () => undefined,
) {
  const exact = new Set(allowed)
  const self = {
    listed: (origin: string) => exact.has(origin) || (local && isLocal(origin)),

    /**
     * @param origin the request's Origin header; null if there is none, as from programs that are not browsers
     * @param own the origin under which the client sees the server
     */
    allows(origin: string | null, own: string): boolean {
      if (origin === null || origin === own || self.listed(origin)) return true
      // A proxy that ends TLS may not say so, or may not be trusted.
      return own.startsWith('http:') && origin === URL.parse(own.replace('http:', 'https:'))?.origin
    },

    /** Tells of a request whose answer the browser withholds from the page. A socket needs no leave to open: that is for `foreign`. */
    reportUnreadable({ headers }: Request, own: string): void {
      const origin = headers.get('origin')
      if (origin !== null && !headers.has('upgrade') && !self.allows(origin, own)) onRefused(origin, own)
    },

    /**
     * Returns whether a page that may not use the session has sent the request. Such a page gains nothing from what its visitor's
     * browser sends by itself, nor from the network that the browser is in. Browsers name the page's origin in every request that may
     * change something; in others they may still say that the page is of another site.
     * @param own the origin under which the client sees the server
     */
    foreign({ headers }: Request, own: string): boolean {
      const origin = headers.get('origin')
      if (origin !== null) {
        const allowed = self.allows(origin, own)
        if (!allowed) onRefused(origin, own)
        return !allowed
      }
      const site = headers.get('sec-fetch-site')
      return site !== null && site !== 'same-origin' && site !== 'none'
    },

    /**
     * Returns whether such a page can have made its browser send the request without a preflight, as a form is sent. JSON needs a
     * preflight, which succeeds for listed pages only; so the server's own page may send JSON even behind a proxy that hides its Host.
     */
    foreignForm(request: Request, own: string): boolean {
      const type = request.headers.get('content-type') ?? ''
      return !/^application\/json\b/i.test(type.trim()) && self.foreign(request, own)
    },
  }
  return self
}

/** Returns whether it is an origin of this machine, in the spelling of browsers. */
function isLocal(origin: string): boolean {
  const url = URL.parse(origin)
  if (url === null || origin !== url.origin) return false
  return /^(?:(?:.+\.)?localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) && /^https?:$/.test(url.protocol)
}
