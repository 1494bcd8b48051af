/**
 * Gives a request another URL. It stays the same object: a copy would have a body that Bun neither ends nor times out with the
 * connection.
 */
export function setUrl(request: Request, url: string): void {
  Object.defineProperty(request, 'url', { value: url, configurable: true })
}
