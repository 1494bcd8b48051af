/** The server's address without what stands after its host, or after the folder that it is mounted in. @throws TypeError */
export function baseUrl(url: string): string {
  const { protocol, origin, pathname } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`url: must begin with http: or https:, not ${protocol}`)
  return origin + pathname.replace(/\/+$/, '')
}

/**
 * Returns the address of the socket. A browser adds the cookie of its page, which may be another user's, so only the first frame
 * identifies the user. The server may send several frames as one; a server of the previous version ignores that this is asked for.
 */
export function socketUrl(base: string): string {
  return `${base.replace(/^http/, 'ws')}/api/v2/socket?identify=later&batch=1`
}
