/** Returns the URL of the server: the folder of the page, because a proxy may serve it below a path of its host. */
export function serverUrl(): string {
  return new URL('.', location.href).href
}

/** Returns a key for the browser's storage, which is shared by everything that the same host serves. */
export function storageKey(name: string): string {
  const { pathname } = new URL(serverUrl())
  return `parley${pathname === '/' ? '' : `:${pathname}`}.${name}`
}
