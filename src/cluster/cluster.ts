import type {
  ConnectionCounts,
  ConnectionScope,
  Crowded,
  FanOut,
  Limiter,
  RoomEvent,
  RoomId,
  RoomPresence,
  SendBudget,
  Seq,
  Signal,
  Signals,
  UserId,
  UserPresence,
} from '../core/index.ts'
import type { LimiterOptions } from './limits.ts'
import type { SendBudgetOptions } from './send-budget.ts'

/** The ports of the core that nodes share. */
export interface Cluster {
  readonly fanOut: FanOut
  readonly signals: Signals
  readonly limiter: Limiter
  /** The budget of messages. */
  readonly budget: SendBudget
  /** The budget of requests, over REST and over v2 sockets. */
  readonly requests: SendBudget
  readonly userPresence: UserPresence
  readonly roomPresence: RoomPresence
  readonly connections: ConnectionCounts
  /** Returns the current interval at which heads should be compared, in milliseconds. */
  reconcileMs(): number
  /** Sets the handlers of what arrives from now on. Called once, before the first room is followed. */
  start(handlers: ClusterHandlers): void
  close(): Promise<void>
}

export interface ClusterHandlers {
  /** Another node has committed these. */
  events(room: RoomId, events: readonly RoomEvent[]): void
  /** Another node has committed something, up to this number, that this version cannot read. */
  head(room: RoomId, seq: Seq): void
  /** A node, this one included, has published a signal. */
  signal(signal: Signal): void
  /** Events of other nodes may have been lost, in rooms for which the function returns true. The same rooms have the same function. */
  lostEvents(concerns: (room: RoomId) => boolean): void
  /** Signals to every node may have been lost. */
  lostSignals(): void
  /** Users whose last connections were on a node that has died. */
  offline(users: readonly UserId[]): void
  /** The same for a room. */
  departed(room: RoomId, users: readonly UserId[]): void
  /** Other nodes took this one for dead, and announced that its users are offline. */
  buried(): void
  /** Called only for keys that this node has told of. */
  readonly crowded: Crowded
  /** Another node is in another epoch of the history; what it committed was not delivered. */
  otherEpoch(): void
  /** A handler threw. */
  fault(error: unknown): void
}

export interface ClusterOptions extends LimiterOptions {
  readonly messages: SendBudgetOptions
  readonly requests: SendBudgetOptions
  /** The most connections open at once, over all nodes. */
  readonly connections: Readonly<Record<ConnectionScope, number>>
}
