import type { Clock, Fetch, Logger, Network, SocketConstructor } from './environment.ts'
import type { Token } from './link/index.ts'
import type { OutboxStorage } from './outbox/index.ts'

export interface ClientOptions {
  /** Where the server is: `https://chat.example.com`. */
  readonly url: string
  /** A token, or who has one: asked for each connection and REST request, and before the token of a connection ends. */
  readonly token: Token
  /** Where messages wait until the server has them; in memory by default. */
  readonly storage?: OutboxStorage
  /** Hears what the library does; nobody does by default. */
  readonly log?: Logger
  /** Milliseconds within which a request is answered, or has failed; 10,000 by default. */
  readonly timeoutMs?: number
  /** The most messages that a view keeps by itself; 2,000 by default. */
  readonly maxMessages?: number
  /** Whether to connect at once: true by default. Without, `client.connect` does. */
  readonly connect?: boolean
  /** What the engine has, and tests may have otherwise. */
  readonly clock?: Clock
  readonly random?: () => number
  readonly WebSocket?: SocketConstructor
  readonly fetch?: Fetch
  readonly network?: Network | null
}
