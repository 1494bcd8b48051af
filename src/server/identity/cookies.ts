/** The session cookie that a sign-in sets. It has Django's name, which the frontends of the direct chats expect. */
export const SESSION_COOKIE = 'sessionid'
/** Holds the secret that identifies a browser that has signed in before. It signs nobody in. */
export const DEVICE_COOKIE = 'parley_device'

export function cookieOf(request: Request, name: string): string | null {
  const header = request.headers.get('cookie')
  return header === null ? null : new Bun.CookieMap(header).get(name)
}
