import { asNow, type Message, type Recent, type RoomEvent, type Seq, type Stretch } from '../../core/index.ts'
import { type Codec, piecesOf, type RoomLabel } from './broadcast.ts'

/** What of a room is shown in one frame: an event by itself, or a piece of a stretch. */
export interface Part {
  readonly events: readonly RoomEvent[]
  readonly stretch: Stretch | null
  /** The number up to which it leads. */
  readonly to: Seq
}

/**
 * What was missed, a frame each, as the codec shows it.
 * @param ends whether nothing after the event is to be shown
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
  // Pieces end where a membership does.
  const last = parts.findIndex((part) => part.events.slice(-1).some(ends))
  return last === -1 ? parts : parts.slice(0, last + 1)
}

/** @param now a message as it is when the frame is made; without it, as the part has it */
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
