import { asNow, type Message, type Recent, type RoomEvent, type Seq, type Stretch } from '../../core/index.ts'
import type { Codec, RoomLabel } from './codec.ts'
import { piecesOf } from './pieces.ts'

/** The part of a room's events that one frame shows: a single event, or a piece of a stretch. */
export interface Part {
  readonly events: readonly RoomEvent[]
  readonly stretch: Stretch | null
  /** The number that the client has reached after it. */
  readonly to: Seq
}

/**
 * Splits missed events into parts, one frame each.
 * @param ends whether the event is the last one to show
 */
export function partsOf(
  { events, stretch }: Recent,
  codec: Codec,
  ends: (event: RoomEvent) => boolean,
): Part[] {
  const parts: Part[] =
    stretch === null || codec.changes === undefined
      ? events.map((event) => ({ events: [event], stretch: null, to: event.seq }))
      : piecesOf(events, stretch).map((piece) => ({ ...piece, to: piece.stretch.to }))
  // The end of a membership ends its piece.
  const last = parts.findIndex((part) => part.events.slice(-1).some(ends))
  return last === -1 ? parts : parts.slice(0, last + 1)
}

/** Returns the frame of a part. @param now returns a message in its current form; without it the part's form is shown */
export function frameOf(
  { events, stretch }: Part,
  codec: Codec,
  room: RoomLabel,
  now: (message: Message) => Message = asItIs,
): string | null {
  const shown = events.map((event) => asNow(event, now))
  if (stretch !== null && codec.changes !== undefined) return codec.changes(shown, stretch, room)
  const [event] = shown
  return event === undefined ? null : codec.event(event, room)
}

function asItIs(message: Message): Message {
  return message
}
