import type { AnyElysia } from 'elysia'
import type { Chat, ErrorKind, Source } from '../core/index.ts'
import type { Broadcast } from './broadcast.ts'
import type { Connection } from './connection.ts'
import type { Identities } from './identity.ts'
import type { Logger } from './logger.ts'
import type { Speaker } from './session.ts'

/** What went wrong with a request, before any contract's shape: the core's kinds, and those of HTTP itself. */
export interface Problem {
  readonly kind:
    | ErrorKind
    | 'foreign_page'
    | 'no_route'
    | 'wrong_method'
    | 'too_large'
    | 'unsupported_media'
    | 'fault'
  /** Fit for a client; says nothing about the server's inside. */
  readonly message: string
  readonly retryAfterMs: number
  /** The part of the input that is at fault, where there is one. */
  readonly field: string | null
}

/** What clients speak: one folder of `api/`. The server knows nothing else of it. */
export interface Contract {
  readonly name: string
  /** Paths that begin so are this contract's, errors of unknown paths included; the longest match wins. */
  readonly prefixes: readonly string[]
  readonly routes: AnyElysia
  /** The contract's own shape and status of an error. */
  error(problem: Problem, path: string): ErrorAnswer
}

export interface ErrorAnswer {
  readonly status: number
  /** Sent as JSON. */
  readonly body: unknown
  /** Besides those that HTTP wants (Retry-After …), which are added by the server; `content-type` in place of JSON's. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What contracts are made of. */
export interface Server {
  readonly chat: Chat
  readonly identities: Identities
  readonly broadcast: Broadcast
  readonly log: Logger
  /** Where the request comes from, for limits and sign-ins. */
  source(request: Request): Source
  /** Whether the client's side of the connection is TLS. */
  secure(request: Request): boolean
  /** The request's address as its client sees it, through trusted proxies: what absolute links are made from. */
  publicUrl(request: Request): URL
  /**
   * To be asked before anything is done for a socket.
   * @throws ChatError `invalid` where the request is no WebSocket handshake, `overloaded` and `rate_limited` at the limits of connections
   */
  expectUpgrade(request: Request): void
  /** Turns the request into a socket, which then belongs to the connection. Throws as `expectUpgrade`. */
  upgrade(request: Request, connection: Connection): Response
  /**
   * An open connection's client has said who it is, or the same user goes on with another token.
   * @throws ChatError `rate_limited` where the user has too many connections
   */
  identify(connection: Connection, speaker: Speaker): void
}

/** The usual status of a kind of problem; contracts differ where they must. */
export const statusOf: Readonly<Record<Problem['kind'], number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  foreign_page: 403,
  hidden: 404,
  not_found: 404,
  no_route: 404,
  wrong_method: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  fault: 500,
  overloaded: 503,
  unavailable: 503,
}
