import {
  endsMembership,
  type RoomEvent,
  type RoomId,
  type Signal,
  type SignalKind,
  type Stretch,
} from '../../core/index.ts'
import { Audience, type Publish, type Topic } from './audience.ts'
import type { Codec, RoomLabel } from './codec.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { piecesOf } from './pieces.ts'

/**
 * Publishes a room's events to the sockets. Each event is encoded once per contract that has listeners on this node, and published to
 * that contract's topics of the room. A batch is published within one tick, so that each socket gets it in one write.
 */
export class Broadcast {
  readonly #audiences = new Map<RoomId, Audience[]>()
  readonly #connections: Connections
  readonly #publish: Publish

  constructor(connections: Connections, publish: Publish) {
    this.#connections = connections
    this.#publish = publish
  }

  /** Subscribes the connection to the room, in the codec's form. @returns what `leave` takes */
  join(connection: Connection, room: RoomLabel, codec: Codec): Topic {
    let audiences = this.#audiences.get(room.id)
    if (audiences === undefined) {
      audiences = []
      this.#audiences.set(room.id, audiences)
    }
    let audience = audiences.find((a) => a.codec === codec)
    if (audience === undefined) {
      audience = new Audience(codec, room, this.#publish)
      audiences.push(audience)
    }
    return audience.join(connection)
  }

  /** Undoes one `join`. */
  leave(connection: Connection, room: RoomId, codec: Codec, topic: Topic): void {
    const audiences = this.#audiences.get(room)
    const audience = audiences?.find((a) => a.codec === codec)
    if (audiences === undefined || audience === undefined) return
    audience.leave(connection, topic)
    if (audience.listeners > 0) return
    audiences.splice(audiences.indexOf(audience), 1)
    if (audiences.length === 0) this.#audiences.delete(room)
  }

  /** Returns how many sockets in the room are shown signals of a kind; one that listens in two forms counts twice. */
  listeners(room: RoomId, kind: SignalKind): number {
    let count = 0
    for (const { codec, listeners } of this.#audiences.get(room) ?? [])
      if (codec.shows.includes(kind)) count += listeners
    return count
  }

  /** Called by the feed, in the order of the numbers, with each event once. */
  deliver(id: RoomId, events: readonly RoomEvent[], stretch: Stretch | null): void {
    const audiences = this.#audiences.get(id) ?? []
    const last = stretch === null ? events.at(-1)?.seq : stretch.to
    if (stretch === null) this.#deliverRuns(audiences, id, events)
    else {
      for (const piece of piecesOf(events, stretch)) {
        for (const audience of audiences) audience.stretch(piece.events, piece.stretch)
        this.#removed(id, piece.events.at(-1))
      }
    }
    if (last === undefined) return
    for (const audience of audiences) audience.delivered(last, id)
  }

  /** Hands a signal to the listeners of its rooms or to its user's connections. The deletion of a room ends its subscriptions. */
  signal(signal: Exclude<Signal, { type: 'token_revoked' }>): void {
    if (signal.type === 'private') {
      for (const connection of this.#connections.of(signal.userId)) connection.session.signal?.(signal)
      return
    }
    if (signal.type === 'ephemeral') {
      for (const connection of this.#connections.of(signal.to)) connection.session.signal?.(signal)
      return
    }
    if (isPrivate(signal)) {
      for (const connection of this.#connections.of(signal.user.id)) connection.session.signal?.(signal)
      return
    }
    if (signal.type === 'notify') {
      for (const user of signal.users)
        for (const connection of this.#connections.of(user)) connection.session.signal?.(signal)
      return
    }
    for (const id of signal.type === 'presence' ? signal.rooms : [signal.roomId]) {
      for (const audience of this.#audiences.get(id) ?? []) audience.signal(signal)
    }
    if (signal.type !== 'room_deleted') return
    for (const connection of [...this.#connections.all()]) {
      connection.session.removedFrom(signal.roomId, 'room_deleted', null)
    }
  }

  /** Delivers event by event. The end of a membership ends a run: the rest of the batch does not reach that member. */
  #deliverRuns(audiences: readonly Audience[], id: RoomId, events: readonly RoomEvent[]): void {
    let from = 0
    for (let at = 0; at < events.length; at++) {
      const event = events[at]
      if (event === undefined || (at < events.length - 1 && !endsMembership(event))) continue
      const run = from === 0 && at === events.length - 1 ? events : events.slice(from, at + 1)
      for (const audience of audiences) audience.events(run)
      this.#removed(id, event)
      from = at + 1
    }
  }

  /** Ends the subscriptions of a removed member at the removal's place in the order. */
  #removed(id: RoomId, event: RoomEvent | undefined): void {
    if (event === undefined || !endsMembership(event)) return
    for (const connection of [...this.#connections.of(event.user.id)]) {
      connection.session.removedFrom(id, 'left', event.seq)
    }
  }
}

/** Returns whether a signal is for its user's own connections alone. */
function isPrivate(
  signal: Exclude<Signal, { type: 'token_revoked' }>,
): signal is Extract<Signal, { type: 'membership' | 'marks' | 'thread_state' }> {
  return (
    signal.type === 'membership' ||
    signal.type === 'thread_state' ||
    (signal.type === 'marks' && signal.quiet)
  )
}
