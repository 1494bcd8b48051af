import type { ClientSide } from '../client-side/index.ts'

export interface CookieSettings {
  /** The session cookie's name. The device cookie's is made of it, so that two servers of one host share neither. */
  readonly name: string
  /** The path that browsers send the cookies to; undefined for wherever clients see the server. */
  readonly path: string | undefined
  readonly sameSite: 'lax' | 'strict' | 'none'
}

export type Cookies = ReturnType<typeof createCookies>

/**
 * Reads and makes the cookies: the session cookie, which holds a token, and the device cookie, which holds the secret of a browser that
 * has signed in before and signs nobody in. The pages' scripts can read neither.
 */
export function createCookies({ name, path, sameSite }: CookieSettings) {
  const deviceName = deviceCookieName(name)
  // Browsers refuse a cookie for other sites' pages, and one of these prefixes, that is not Secure; and __Host- with another path.
  const alwaysSecure = sameSite === 'none' || /^__(?:Secure|Host)-/i.test(name)
  const fixedPath = path ?? (/^__Host-/i.test(name) ? '/' : undefined)

  function make(cookie: string, value: string, maxAge: number, { origin, prefix }: ClientSide): string {
    const options = {
      path: fixedPath ?? `${prefix}/`,
      httpOnly: true,
      sameSite,
      secure: alwaysSecure || origin.startsWith('https:'),
      maxAge,
    }
    return new Bun.Cookie(cookie, value, options).toString()
  }

  return {
    /** The session cookie's name. */
    name,

    sessionOf: (request: Request) => cookieOf(request, name),

    deviceOf: (request: Request) => cookieOf(request, deviceName),

    /** Returns the header that sets the session cookie. @param seconds for which the browser keeps it */
    session: (token: string, seconds: number, side: ClientSide) => make(name, token, seconds, side),

    /** Returns the header that removes the session cookie. */
    noSession: (side: ClientSide) => make(name, '', 0, side),

    /** Returns the header that sets the device cookie. @param seconds for which the browser keeps it */
    device: (secret: string, seconds: number, side: ClientSide) => make(deviceName, secret, seconds, side),
  }
}

/** Returns the device cookie's name beside a session cookie of that name: `parley_device` beside `parley_session`. */
function deviceCookieName(session: string): string {
  return `${session.replace(/_session$/, '')}_device`
}

/** Returns the first cookie of the name: browsers send that of the longest path first. */
function cookieOf(request: Request, name: string): string | null {
  const header = request.headers.get('cookie')
  return header === null ? null : new Bun.CookieMap(header).get(name)
}
