export type Origins = ReturnType<typeof createOrigins>

/** Which web pages may use the session cookie: the server's own, and those of an exact list. */
export function createOrigins(allowed: readonly string[]) {
  const listed = new Set(allowed)
  return {
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
  }
}
