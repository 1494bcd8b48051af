import { endsMembership, type RoomEvent, type Seq, type Stretch, textOf } from '../../core/index.ts'
import type { Codec, RoomLabel } from './codec.ts'

/** Splits a stretch into pieces of bounded size, each of them a stretch. The end of a membership ends its piece. */
export function piecesOf(events: readonly RoomEvent[], { after, to }: Stretch): Piece[] {
  const pieces: Piece[] = []
  let start: Seq = after
  let from = 0
  let text = 0
  events.forEach((event, index) => {
    text += EVENT_TEXT + textOf(event)
    const cut = endsMembership(event) || text >= PIECE_TEXT
    if (!cut || index === events.length - 1) return
    pieces.push({ events: events.slice(from, index + 1), stretch: { after: start, to: event.seq } })
    start = event.seq
    from = index + 1
    text = 0
  })
  pieces.push({ events: events.slice(from), stretch: { after: start, to } })
  return pieces
}

/** Returns the frames of a piece of a stretch in a contract's form. */
export function framesOf(
  codec: Codec,
  events: readonly RoomEvent[],
  stretch: Stretch,
  room: RoomLabel,
): string[] {
  if (codec.changes !== undefined) return [codec.changes(events, stretch, room)]
  return events.flatMap((event) => codec.event(event, room) ?? [])
}

export interface Piece {
  readonly events: readonly RoomEvent[]
  readonly stretch: Stretch
}

/** Characters after which a piece ends, and the characters that an event has besides its text. */
const PIECE_TEXT = 32_768
const EVENT_TEXT = 300
