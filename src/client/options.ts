import type { Clock, Fetch, Logger, Network, SocketConstructor } from './environment.ts'
import type { Token, Transport } from './link/index.ts'
import type { OutboxStorage } from './outbox/index.ts'

export interface ClientOptions {
  /** The URL of the server, such as `https://chat.example.com` or `https://example.com/chat`. */
  readonly url: string
  /** A token, or a function that returns one: called for each connection and REST request, and before the token of a connection ends. */
  readonly token: Token
  /** Where messages wait until the server has them; in memory by default. */
  readonly storage?: OutboxStorage
  /** Receives the library's log lines; by default they are dropped. */
  readonly log?: Logger
  /** Milliseconds after which a request without a response fails; 10,000 by default. */
  readonly timeoutMs?: number
  /** The most messages that a view keeps, except those of `loadOlder`; 2,000 by default. */
  readonly maxMessages?: number
  /** Whether to connect at once, true by default. If false, call `client.connect`. */
  readonly connect?: boolean
  /** How it may connect; `['socket', 'events', 'poll']` by default, the best first. With one, it uses that one. */
  readonly transports?: readonly Transport[]
  /** What the library uses of the engine; tests may replace it. */
  readonly clock?: Clock
  readonly random?: () => number
  readonly WebSocket?: SocketConstructor
  readonly fetch?: Fetch
  readonly network?: Network | null
}
