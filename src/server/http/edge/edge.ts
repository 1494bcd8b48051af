import type { Taken } from '../../../core/index.ts'
import type { ClientSide } from '../../client-side/index.ts'
import type { Contract } from '../../contract.ts'
import type { Origins } from '../../identity/index.ts'
import type { HealthState, Logger } from '../../observe/index.ts'
import { type Problem, problemOf } from '../../problem.ts'
import type { Bodies } from '../body/index.ts'
import { contractOf, errorResponse } from '../routes/index.ts'
import type { AddressLimit } from './address-limit.ts'
import type { BasePath } from './base-path.ts'
import { setUrl } from './request-url.ts'

export interface EdgeDeps {
  readonly contracts: readonly Contract[]
  readonly origins: Origins
  readonly addressLimit: AddressLimit
  readonly basePath: BasePath
  readonly bodies: Pick<Bodies, 'isUnread'>
  readonly log: Logger
  /** While the process drains, no connection is kept alive. */
  readonly health: HealthState
  readonly handle: (request: Request) => Response | Promise<Response>
}

/** @param side null if the request's Host header is not valid */
export type Edge = (request: Request, side: ClientSide | null) => Promise<Response>

/** Wraps the handling of every request: the limit of its address, CORS, common headers and one line in the log. */
export function createEdge(deps: EdgeDeps): Edge {
  const { contracts, origins, addressLimit, basePath, bodies, log, health, handle } = deps

  async function limited(request: Request, path: string, address: string): Promise<Response> {
    // The operator's own programs ask for the health, as often as they need: no limit.
    if (path === '/healthz' || path === '/readyz') return handled(request, path)
    const taken = await addressLimit.take(address)
    const refused =
      taken.waitMs > 0 &&
      !(isSignIn(request, path) && (await addressLimit.takeSignIn(request, address, taken)))
    const response = refused
      ? errorResponse(contracts, path, tooMany(taken.waitMs))
      : await handled(request, path)
    tellLimit(response.headers, taken)
    return response
  }

  function isSignIn({ method }: Request, path: string): boolean {
    const signIns = method === 'POST' ? contractOf(contracts, path)?.signIns : undefined
    return signIns?.includes(path.replace(/\/$/, '')) === true
  }

  async function handled(request: Request, path: string): Promise<Response> {
    try {
      return await handle(request)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.kind === 'fault') log.error({ method: request.method, err: error }, 'a request failed')
      return errorResponse(contracts, path, problem)
    }
  }

  function endsConnection(request: Request, { status }: Response): boolean {
    // The connection has become a socket.
    if (status === 101) return false
    if (health.draining) return true
    // A client whose handshake was refused makes no other request on this connection.
    if (status >= 400 && request.headers.has('upgrade')) return true
    // Otherwise a client could keep the connection open by sending the rest of the body as slowly as it likes.
    return bodies.isUnread(request)
  }

  return async (request, side) => {
    const started = log.isLevelEnabled('debug') ? performance.now() : 0
    const url = new URL(request.url)
    const { pathname } = url
    if (side === null) return errorResponse(contracts, basePath.routed(pathname), badHost)
    if (basePath.lacksSlash(pathname)) return slashAdded(url)
    const path = basePath.routed(pathname)
    if (path !== pathname) setUrl(request, `${url.origin}${path}${url.search}`)
    const origin = request.headers.get('origin')
    const listed = origin !== null && origins.listed(origin)
    origins.reportUnreadable(request, side.origin)
    const preflight =
      listed && request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
    const response = preflight ? preflightResponse(request) : await limited(request, path, side.address)
    if (endsConnection(request, response)) response.headers.set('connection', 'close')
    response.headers.set('x-content-type-options', 'nosniff')
    // A cache would keep messages that are deleted later.
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
    // A cached answer for the page of one origin does not hold for another origin.
    response.headers.append('vary', 'Origin')
    if (listed) {
      response.headers.set('access-control-allow-origin', origin)
      response.headers.set('access-control-allow-credentials', 'true')
      response.headers.set('access-control-expose-headers', EXPOSED)
    }
    if (started > 0) {
      // The path without the query, which may hold a token.
      const ms = Math.round((performance.now() - started) * 10) / 10
      log.debug(
        { method: request.method, path, status: response.status, ms, address: side.address },
        'request',
      )
    }
    return response
  }
}

/** Headers that pages of other origins may read, besides those that every page may. */
const EXPOSED = 'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Messages-Remaining'

/** Sets the headers of the IETF's drafts: the requests in a window, those that are left, and the seconds until it ends. */
function tellLimit(headers: Headers, { limit, left, resetMs }: Taken): void {
  headers.set('ratelimit-limit', String(limit))
  headers.set('ratelimit-remaining', String(left))
  headers.set('ratelimit-reset', String(Math.ceil(resetMs / 1000)))
}

const badHost: Problem = {
  kind: 'invalid',
  message: 'The Host header is not valid',
  retryAfterMs: 0,
  field: null,
}

/** A relative address, since a proxy may have taken off what is before the last part of the path. */
function slashAdded({ pathname, search }: URL): Response {
  const location = `${pathname.slice(pathname.lastIndexOf('/') + 1)}/${search}`
  return new Response(null, { status: 308, headers: { location, 'cache-control': 'no-store' } })
}

function preflightResponse(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        request.headers.get('access-control-request-headers') ?? 'authorization, content-type',
      'access-control-max-age': '600',
    },
  })
}

function tooMany(retryAfterMs: number): Problem {
  return { kind: 'rate_limited', message: 'Too many requests, try again later', retryAfterMs, field: null }
}
