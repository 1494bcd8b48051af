export type Origins = ReturnType<typeof createOrigins>

/** Which web pages may use the session cookie: the server's own, and those of an exact list. */
export function createOrigins(allowed: readonly string[]) {
  const listed = new Set(allowed)
  const self = {
    listed: (origin: string) => listed.has(origin),

    /**
     * @param origin the request's Origin header; null where there is none, as from programs that are not browsers
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
     * Whether a page that may not use the session has sent the request. Whatever a browser sends by itself, and the network that
     * it is in, say nothing for such a page. Browsers name the page's origin in all that may change something; where one does
     * not, it may still say that the page is of another site.
     * @param secure whether the client's side of the connection is TLS
     */
    foreign({ headers }: Request, secure: boolean): boolean {
      const origin = headers.get('origin')
      if (origin !== null) return !self.allows(origin, headers.get('host'), secure)
      const site = headers.get('sec-fetch-site')
      return site !== null && site !== 'same-origin' && site !== 'none'
    },

    /**
     * Whether such a page can have had its browser send the request without asking first, as a form is sent. Before it sends JSON
     * a browser asks, and gets leave for listed pages only; so an own page behind a proxy that hides its Host may send that.
     */
    foreignForm(request: Request, secure: boolean): boolean {
      const type = request.headers.get('content-type') ?? ''
      return !/^application\/json\b/i.test(type.trim()) && self.foreign(request, secure)
    },
  }
  return self
}
