import type { RoomEvent, RoomId, Signal, SignalKind, Stretch } from '../../core/index.ts'

/** The part of a room that frames show. */
export interface RoomLabel {
  readonly id: RoomId
  readonly name: string
}

/** Encodes a room's events and signals as frames of a contract; null for what the contract does not show. Synchronous and pure. */
export interface Codec {
  /** Unique; the first part of the topics' names. */
  readonly name: string
  event(event: RoomEvent, room: RoomLabel): string | null
  /** Encodes a compacted stretch as one frame, for contracts whose clients count numbers. Without it, its events are shown one by one. */
  changes?(events: readonly RoomEvent[], stretch: Stretch, room: RoomLabel): string
  /** The kinds of signals that it shows to a room: what the others cost is not counted. */
  readonly shows: readonly SignalKind[]
  signal(signal: Signal, room: RoomLabel): string | null
}
