export type Origins = ReturnType<typeof createOrigins>

/** Says which web pages may use the session cookie: the server's own, and those of an exact list of origins. */
export function createOrigins(allowed: readonly string[]) {
  const listed = new Set(allowed)
  const self = {
    listed: (origin: string) => listed.has(origin),

    /**
     * @param origin the request's Origin header; null if there is none, as from programs that are not browsers
     * @param host the request's Host header
     * @param secure whether the client's side of the connection is TLS
     */
    allows(origin: string | null, host: string | null, secure: boolean): boolean {
      if (origin === null) return true
      if (listed.has(origin)) return true
      if (host === null) return false
      return origin === `https://${host}` || (!secure && origin === `http://${host}`)
    },

    /**
     * Returns whether a page that may not use the session has sent the request. Such a page gains nothing from what its visitor's
     * browser sends by itself, nor from the network that the browser is in. Browsers name the page's origin in every request that may
     * change something; in others they may still say that the page is of another site.
     * @param secure whether the client's side of the connection is TLS
     */
    foreign({ headers }: Request, secure: boolean): boolean {
      const origin = headers.get('origin')
      if (origin !== null) return !self.allows(origin, headers.get('host'), secure)
      const site = headers.get('sec-fetch-site')
      return site !== null && site !== 'same-origin' && site !== 'none'
    },

    /**
     * Returns whether such a page can have made its browser send the request without a preflight, as a form is sent. JSON needs a
     * preflight, which succeeds for listed pages only; so the server's own page may send JSON even behind a proxy that hides its Host.
     */
    foreignForm(request: Request, secure: boolean): boolean {
      const type = request.headers.get('content-type') ?? ''
      return !/^application\/json\b/i.test(type.trim()) && self.foreign(request, secure)
    },
  }
  return self
}
