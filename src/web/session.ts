import { renewToken } from '../client/index.ts'
import { serverUrl, storageKey } from './place.ts'

/** The signed-in user, and when the session ends, in milliseconds since 1970. */
export interface Session {
  readonly token: string
  readonly endsAt: number
}

const NAME = 'session'
/** How long before its end the token is renewed, in milliseconds. */
const RENEW_BEFORE_MS = 3_600_000

/** @param issued the response to a sign-in, or to the renewal of a token */
export function beginSession({ token, expires_in_ms }: { token: string; expires_in_ms: number }): Session {
  return keep({ token, endsAt: Date.now() + expires_in_ms })
}

export function storedSession(): Session | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(storageKey(NAME)) ?? 'null')
    if (typeof found !== 'object' || found === null) return null
    if (!('token' in found) || typeof found.token !== 'string') return null
    if (!('endsAt' in found) || typeof found.endsAt !== 'number' || found.endsAt <= Date.now()) return null
    return { token: found.token, endsAt: found.endsAt }
  } catch (error) {
    console.warn('the session could not be read', error)
    return null
  }
}

export function endSession(): void {
  localStorage.removeItem(storageKey(NAME))
}

/** Returns the token. The client calls it before each connection and request. */
export function tokenOf(session: Session): () => Promise<string> {
  let current = session
  return async () => {
    if (current.endsAt - Date.now() < RENEW_BEFORE_MS) {
      current = beginSession(await renewToken(serverUrl(), current.token))
    }
    return current.token
  }
}

function keep(session: Session): Session {
  localStorage.setItem(storageKey(NAME), JSON.stringify(session))
  return session
}
