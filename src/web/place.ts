/** Returns the server's address: the folder that the page is in, since a proxy may have put it below a path of its host. */
export function serverUrl(): string {
  return new URL('.', location.href).href
}

/** Returns a key in the browser's storage, which all that is served by the same host shares. */
export function storageKey(name: string): string {
  const { pathname } = new URL(serverUrl())
  return `parley${pathname === '/' ? '' : `:${pathname}`}.${name}`
}
