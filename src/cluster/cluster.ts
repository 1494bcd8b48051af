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

/** What nodes share, as ports of the core. */
export interface Cluster {
  readonly fanOut: FanOut
  readonly signals: Signals
  readonly limiter: Limiter
  /** Of messages. */
  readonly budget: SendBudget
  /** Of requests, over REST and over v2 sockets. */
  readonly requests: SendBudget
  readonly userPresence: UserPresence
  readonly roomPresence: RoomPresence
  readonly connections: ConnectionCounts
  /** Milliseconds until heads are to be compared again, as things stand. */
  reconcileMs(): number
  /** What comes in from now on goes there. Called once, before the first listener. */
  start(handlers: ClusterHandlers): void
  close(): Promise<void>
}

export interface ClusterHandlers {
  /** Another node has committed these. */
  events(room: RoomId, events: readonly RoomEvent[]): void
  /** Another node has committed something, up to this number, that this version cannot read. */
  head(room: RoomId, seq: Seq): void
  /** A node has said this; this one too. */
  signal(signal: Signal): void
  /** Something that other nodes committed to rooms for which this is true was not heard. The same function for the same rooms. */
  lostEvents(concerns: (room: RoomId) => boolean): void
  /** Something that was said to every node may not have been heard. */
  lostSignals(): void
  /** Users whose last connections were on a node that has died. */
  offline(users: readonly UserId[]): void
  /** The same, for a room. */
  departed(room: RoomId, users: readonly UserId[]): void
  /** Other nodes took this one for dead, and told everyone that its users are offline. */
  buried(): void
  /** Told only of what this node has told of. */
  readonly crowded: Crowded
  /** Another node is in another epoch of the history than this one; what it committed was not heard. */
  otherEpoch(): void
  /** A handler threw. */
  fault(error: unknown): void
}

export interface ClusterOptions extends LimiterOptions {
  readonly messages: SendBudgetOptions
  readonly requests: SendBudgetOptions
  /** Open at once, over all nodes. */
  readonly connections: Readonly<Record<ConnectionScope, number>>
}
