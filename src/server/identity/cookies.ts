/** The session cookie that login sets: Django's name, which the frontends of the direct chats know. */
export const SESSION_COOKIE = 'sessionid'
/** The secret by which a browser is known that has signed in before; it lets nobody in. */
export const DEVICE_COOKIE = 'parley_device'

export function cookieOf(request: Request, name: string): string | null {
  const header = request.headers.get('cookie')
  return header === null ? null : new Bun.CookieMap(header).get(name)
}
