import type { AnyElysia } from 'elysia'
import type { Chat, ReceivedFile, Source } from '../core/index.ts'
import type { ClientSide } from './client-side/index.ts'
import type { Cookies, Identities } from './identity/index.ts'
import type { Logger } from './observe/index.ts'
import type { Problem } from './problem.ts'
import type { TakeRequest } from './request-limit.ts'
import type { Broadcast, Connection, Speaker, StreamFormat } from './sockets/index.ts'

/** What clients speak: one folder of `api/`. The server knows nothing else of it. */
export interface Contract {
  readonly name: string
  /** Paths with one of these prefixes belong to this contract, errors of unknown paths included; the longest match wins. */
  readonly prefixes: readonly string[]
  /** Paths to which users sign in by POST, without a slash at their end. */
  readonly signIns?: readonly string[]
  /** Routes, as they are registered, that receive the body by themselves (`Server.receive`), once they know that the caller may send it. */
  readonly uploads?: readonly string[]
  readonly routes: AnyElysia
  readonly docs: ContractDocs
  /** Returns a problem in the contract's own shape and status. */
  error(problem: Problem, path: string): ErrorResponse
}

/** What the documentation says of a contract besides its routes. */
export interface ContractDocs {
  /** What the contract is, in one sentence. */
  readonly about: string
  /** Its schemas, under names that no other contract gives to another schema. */
  readonly schemas: Readonly<Record<string, unknown>>
}

/** A contract's response to a problem. */
export interface ErrorResponse {
  readonly status: number
  /** Sent as JSON. */
  readonly body: unknown
  /** Further headers: the server adds those of HTTP (Retry-After …) itself. `content-type` replaces that of JSON. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the server offers to contracts. */
export interface Server {
  readonly chat: Chat
  readonly identities: Identities
  readonly cookies: Cookies
  readonly broadcast: Broadcast
  readonly log: Logger
  /** Called for each request over a socket except messages, which have their own budget. */
  readonly takeRequest: TakeRequest
  /** Where the request comes from, for limits and sign-ins. */
  source(request: Request): Source
  /** The client's address, and the origin and prefix under which it sees the server, through trusted proxies. */
  clientSide(request: Request): ClientSide
  /** The request's URL as its client sees it, through trusted proxies; absolute links are based on it. */
  publicUrl(request: Request): URL
  /**
   * Receives the file of a form, of at most so many bytes. The file is the caller's to discard.
   * @throws HttpProblem `unsupported_media`; ChatError `too_large`, `invalid` if it is no whole form or too slow
   */
  receive(request: Request, mostBytes: number): Promise<ReceivedFile>
  /**
   * Call it before anything is done for a socket.
   * @throws ChatError `invalid` if the request is no WebSocket handshake, `overloaded` or `rate_limited` at the limits of connections
   */
  expectUpgrade(request: Request): void
  /** Upgrades the request to a socket, which then belongs to the connection. @throws as `expectUpgrade` */
  upgrade(request: Request, connection: Connection): Response
  /**
   * Call it before anything is done for a stream.
   * @throws ChatError `overloaded` or `rate_limited` at the limits of connections; HttpProblem `wrong_method` if no body is wanted
   */
  expectStream(request: Request): void
  /** Answers the request with a body that lasts, which then belongs to the connection. @throws as `expectStream` */
  stream(request: Request, connection: Connection, format: StreamFormat): Response
  /**
   * Names the user of an open connection, or renews the session of the same user.
   * @throws ChatError `rate_limited` if the user has too many connections
   */
  identify(connection: Connection, speaker: Speaker): void
}
