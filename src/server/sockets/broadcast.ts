import {
  endsMembership,
  type RoomEvent,
  type RoomId,
  type Seq,
  type Signal,
  type Stretch,
  textOf,
} from '../../core/index.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'

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
  signal(signal: Signal, room: RoomLabel): string | null
}

export type Publish = (topic: string, text: string) => void

/**
 * Publishes a room's events to the sockets. Each event is encoded once per contract that has listeners on this node, and published to
 * that contract's topic of the room. A batch is published within one tick, so that each socket gets it in one write.
 */
export class Broadcast {
  readonly #audiences = new Map<RoomId, Audience[]>()
  readonly #connections: Connections
  readonly #publish: Publish

  constructor(connections: Connections, publish: Publish) {
    this.#connections = connections
    this.#publish = publish
  }

  /** Subscribes the connection to the room, in the codec's form. */
  join(connection: Connection, room: RoomLabel, codec: Codec): void {
    let audiences = this.#audiences.get(room.id)
    if (audiences === undefined) {
      audiences = []
      this.#audiences.set(room.id, audiences)
    }
    let audience = audiences.find((a) => a.codec === codec)
    if (audience === undefined) {
      audience = { codec, room, topic: `${codec.name}:${room.id}`, listeners: 0, watchers: new Set() }
      audiences.push(audience)
    }
    audience.listeners++
    if (connection.session.delivered !== undefined) audience.watchers.add(connection)
    connection.subscribe(audience.topic)
  }

  /** Undoes one `join`. */
  leave(connection: Connection, room: RoomLabel, codec: Codec): void {
    const audiences = this.#audiences.get(room.id)
    const audience = audiences?.find((a) => a.codec === codec)
    if (audiences === undefined || audience === undefined) return
    connection.unsubscribe(audience.topic)
    audience.watchers.delete(connection)
    audience.listeners--
    if (audience.listeners > 0) return
    audiences.splice(audiences.indexOf(audience), 1)
    if (audiences.length === 0) this.#audiences.delete(room.id)
  }

  /** Returns how many sockets listen to the room; one that listens in two forms counts twice. */
  listeners(room: RoomId): number {
    let count = 0
    for (const { listeners } of this.#audiences.get(room) ?? []) count += listeners
    return count
  }

  /** Called by the feed, in the order of the numbers, with each event once. */
  deliver(id: RoomId, events: readonly RoomEvent[], stretch: Stretch | null): void {
    const audiences = this.#audiences.get(id) ?? []
    const last = stretch === null ? events.at(-1)?.seq : stretch.to
    if (stretch === null) this.#deliverEach(audiences, id, events)
    else for (const piece of piecesOf(events, stretch)) this.#deliverPiece(audiences, id, piece)
    if (last === undefined) return
    for (const { watchers } of audiences) {
      for (const watcher of watchers) watcher.session.delivered?.(id, last)
    }
  }

  /** Hands a signal to the listeners of its rooms or to its user's connections. The deletion of a room ends its subscriptions. */
  signal(signal: Exclude<Signal, { type: 'token_revoked' }>): void {
    if (signal.type === 'membership' || (signal.type === 'marks' && signal.quiet)) {
      for (const connection of this.#connections.of(signal.user.id)) connection.session.signal?.(signal)
      return
    }
    for (const id of signal.type === 'presence' ? signal.rooms : [signal.roomId]) {
      for (const { codec, room, topic } of this.#audiences.get(id) ?? []) {
        const text = codec.signal(signal, room)
        if (text !== null) this.#publish(topic, text)
      }
    }
    if (signal.type !== 'room_deleted') return
    for (const connection of [...this.#connections.all()]) {
      connection.session.removedFrom(signal.roomId, 'room_deleted', null)
    }
  }

  #deliverEach(audiences: readonly Audience[], id: RoomId, events: readonly RoomEvent[]): void {
    for (const event of events) {
      for (const { codec, room, topic } of audiences) {
        const text = codec.event(event, room)
        if (text !== null) this.#publish(topic, text)
      }
      this.#removed(id, event)
    }
  }

  #deliverPiece(audiences: readonly Audience[], id: RoomId, { events, stretch }: Piece): void {
    for (const { codec, room, topic } of audiences) {
      for (const text of framesOf(codec, events, stretch, room)) this.#publish(topic, text)
    }
    const last = events.at(-1)
    if (last !== undefined) this.#removed(id, last)
  }

  /** Ends the subscriptions of a removed member at the removal's place in the order: the rest of the batch does not reach them. */
  #removed(id: RoomId, event: RoomEvent): void {
    if (!endsMembership(event)) return
    for (const connection of [...this.#connections.of(event.user.id)]) {
      connection.session.removedFrom(id, 'left', event.seq)
    }
  }
}

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

interface Audience {
  readonly codec: Codec
  readonly room: RoomLabel
  readonly topic: string
  listeners: number
  /** The connections whose sessions are told how far they were sent. */
  readonly watchers: Set<Connection>
}
