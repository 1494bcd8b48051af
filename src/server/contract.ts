import type { AnyElysia } from 'elysia'
import type { Chat, Source } from '../core/index.ts'
import type { Identities } from './identity/index.ts'
import type { Logger } from './observe/index.ts'
import type { Problem } from './problem.ts'
import type { TakeRequest } from './request-limit.ts'
import type { Broadcast, Connection, Speaker } from './sockets/index.ts'

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
  /** To be asked for each request over a socket but messages, which have a budget of their own. */
  readonly takeRequest: TakeRequest
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
