import type { Source } from '../../core/index.ts'
import type { Cookies } from './cookies.ts'
import type { Origins } from './origin.ts'

/** The part of the listener that is needed here. */
interface Requests {
  limitKey(request: Request): string
  clientSide(request: Request): { readonly origin: string }
}

/** Returns a function that tells where a request comes from, for limits and for recognising earlier sign-ins. */
export function createSources(
  requests: Requests,
  origins: Origins,
  cookies: Pick<Cookies, 'deviceOf'>,
  limit: { waitOf(request: Request): number },
): (request: Request) => Source {
  return (request) => ({
    address: requests.limitKey(request),
    device: secretOf(cookies.deviceOf(request)),
    foreign: origins.foreignForm(request, requests.clientSide(request).origin),
    waitMs: limit.waitOf(request),
  })
}

function secretOf(secret: string | null): string | null {
  return secret !== null && /^[0-9a-f]{40}$/.test(secret) ? secret : null
}
