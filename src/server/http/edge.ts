import type { Limiter, Taken } from '../../core/index.ts'
import type { Contract } from '../contract.ts'
import type { Origins } from '../identity/index.ts'
import type { HealthState, Logger } from '../observe/index.ts'
import { type Problem, problemOf } from '../problem.ts'
import type { Addresses } from './address.ts'
import type { Bodies } from './body.ts'
import { errorResponse } from './error-response.ts'

export interface EdgeDeps {
  readonly contracts: readonly Contract[]
  readonly limiter: Limiter
  readonly origins: Origins
  readonly addresses: Addresses
  readonly bodies: Pick<Bodies, 'isUnread'>
  readonly log: Logger
  /** While the process is about to stop, no connection is kept. */
  readonly health: HealthState
  readonly handle: (request: Request) => Response | Promise<Response>
}

export type Edge = (request: Request, address: string) => Promise<Response>

/** What every request passes on its way in and out: the limit of its address, CORS, a few headers, one line in the log. */
export function createEdge(deps: EdgeDeps): Edge {
  const { contracts, limiter, origins, addresses, bodies, log, health, handle } = deps

  async function answer(request: Request, path: string, address: string): Promise<Response> {
    // Health is asked by the operator's own machinery, at its own pace.
    if (path === '/healthz' || path === '/readyz') return handled(request, path)
    const taken = await limiter.take('request_address', addresses.limitKey(address))
    const refused = taken.waitMs > 0
    const response = refused
      ? errorResponse(contracts, path, tooMany(taken.waitMs))
      : await handled(request, path)
    tellLimit(response.headers, taken)
    return response
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
    // It is a socket by now.
    if (status === 101) return false
    if (health.draining) return true
    // A client that was refused a socket makes no other request on this connection.
    if (status >= 400 && request.headers.has('upgrade')) return true
    // Else whoever goes on with the body, however slowly or long, keeps it open.
    return bodies.isUnread(request)
  }

  return async (request, address) => {
    const started = log.isLevelEnabled('debug') ? performance.now() : 0
    // A Host header that no URL can hold: there is no telling what was asked for.
    const url = URL.parse(request.url)
    if (url === null) return errorResponse(contracts, pathOf(request.url), badHost)
    const path = url.pathname
    const origin = request.headers.get('origin')
    const listed = origin !== null && origins.listed(origin)
    const preflight =
      listed && request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
    const response = preflight ? preflightResponse(request) : await answer(request, path, address)
    if (endsConnection(request, response)) response.headers.set('connection', 'close')
    response.headers.set('x-content-type-options', 'nosniff')
    // A message that is deleted later would stay in whatever keeps an answer.
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
    // What a cache keeps for one page's origin is not for another's.
    response.headers.append('vary', 'Origin')
    if (listed) {
      response.headers.set('access-control-allow-origin', origin)
      response.headers.set('access-control-allow-credentials', 'true')
      response.headers.set('access-control-expose-headers', EXPOSED)
    }
    if (started > 0) {
      // The path without its query: a token may stand there.
      const ms = Math.round((performance.now() - started) * 10) / 10
      log.debug({ method: request.method, path, status: response.status, ms, address }, 'request')
    }
    return response
  }
}

/** What pages of other origins may read besides what all may. */
const EXPOSED = 'RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Messages-Remaining'

/** As in the drafts of the IETF that clients know: requests in a window, those left of it, and seconds until it is over. */
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

/** The path of what Bun gives where there is no valid URL: whatever follows the host that it could not read. */
function pathOf(target: string): string {
  const path = /^(?:[a-z]+:\/\/[^/]*)?(\/[^?]*)/.exec(target)?.[1]
  return path ?? '/'
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
