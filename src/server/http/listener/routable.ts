import { setUrl } from '../edge/index.ts'

/**
 * Elysia searches the path from the eleventh character of the URL on, so it misses a path that begins earlier, as after `http://db`.
 * Such a request gets a URL with a longer host, as does one whose Host no URL can have.
 */
export function makeRoutable(request: Request, hasValidHost: boolean): void {
  const { url } = request
  // Without a Host header, as from old load balancers, the URL is only a path.
  const path = url.startsWith('/') ? 0 : url.indexOf('/', 8)
  if (path === -1 || (path >= 11 && hasValidHost)) return
  setUrl(request, `http://localhost${url.slice(path)}`)
}
