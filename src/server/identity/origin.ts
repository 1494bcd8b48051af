export type Origins = ReturnType<typeof createOrigins>

/** Says which web pages may use the session cookie: the server's own, and those of an exact list of origins. */
export function createOrigins(allowed: readonly string[]) {
  const listed = new Set(allowed)
  const self = {
    listed: (origin: string) => listed.has(origin),

    /**
     * @param origin the request's Origin header; null if there is none, as from programs that are not browsers
     * @param own the origin under which the client sees the server
     */
    allows(origin: string | null, own: string): boolean {
      if (origin === null || origin === own || listed.has(origin)) return true
      // A proxy that ends TLS may not say so, or may not be trusted.
      return own.startsWith('http:') && origin === URL.parse(own.replace('http:', 'https:'))?.origin
    },

    /**
     * Returns whether a page that may not use the session has sent the request. Such a page gains nothing from what its visitor's
     * browser sends by itself, nor from the network that the browser is in. Browsers name the page's origin in every request that may
     * change something; in others they may still say that the page is of another site.
     * @param own the origin under which the client sees the server
     */
    foreign({ headers }: Request, own: string): boolean {
      const origin = headers.get('origin')
      if (origin !== null) return !self.allows(origin, own)
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
