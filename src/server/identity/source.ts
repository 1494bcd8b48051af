import type { Source } from '../../core/index.ts'
import { cookieOf, DEVICE_COOKIE } from './cookies.ts'
import type { Origins } from './origin.ts'

/** The part of the listener that is needed here. */
interface Requests {
  limitKey(request: Request): string
  clientSide(request: Request): { readonly origin: string }
}

/** Returns a function that tells where a request comes from, for limits and for recognising earlier sign-ins. */
export function createSources(requests: Requests, origins: Origins): (request: Request) => Source {
  return (request) => ({
    address: requests.limitKey(request),
    device: deviceOf(request),
    foreign: origins.foreignForm(request, requests.clientSide(request).origin),
  })
}

function deviceOf(request: Request): string | null {
  const secret = cookieOf(request, DEVICE_COOKIE)
  return secret !== null && /^[0-9a-f]{40}$/.test(secret) ? secret : null
}
