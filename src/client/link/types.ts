import type { ParleyError } from '../errors.ts'
import type { ClientFrame, HelloFrame, ResultData, ServerFrame, UserRef } from '../wire.ts'
import type { Stopped } from './close-codes.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import type { Outcome } from './requests.ts'
import type { TokenSource } from './token.ts'
import type { Transport } from './transport.ts'

export type LinkState =
  | { readonly phase: 'offline' | 'connecting' }
  | { readonly phase: 'ready'; readonly user: UserRef; readonly transport: Transport }
  | { readonly phase: 'stopped'; readonly stopped: Stopped }

export interface Line {
  /** Sends at once, or fails with `disconnected`. */
  ask(frame: ClientFrame, answer: (outcome: Outcome) => void): void
  /** Sends without expecting a response; drops the frame if there is no connection. */
  tell(frame: ClientFrame): void
  /** Sends once there is a connection; waits for one as long as for a response. */
  request(frame: ClientFrame): Promise<ResultData>
}

/** Opens a connection. @throws if the engine forbids it */
export type OpenConnection = (transport: Transport, token: string, on: ConnectionEvents) => Connection

export interface LinkOptions {
  readonly token: TokenSource
  readonly timeoutMs: number
  /** How it may connect, the best first. */
  readonly transports: readonly Transport[]
  /** null if the engine has no WebSocket: then the client stays offline. */
  readonly open: OpenConnection | null
  /** Asks the socket's address by a plain request. */
  readonly ask: () => Promise<unknown>
}

export interface LinkEvents {
  state(state: LinkState): void
  frame(frame: ServerFrame): void
  greeted(hello: HelloFrame): void
  /** What keeps the client from connecting; null once it has. */
  obstacle(obstacle: ParleyError | null): void
}
