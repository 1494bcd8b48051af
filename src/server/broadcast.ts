import { endsMembership, type RoomEvent, type RoomId, type Signal } from '../core/index.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'

/** As much of a room as frames show. */
export interface RoomLabel {
  readonly id: RoomId
  readonly name: string
}

/** How a contract shows what happens in a room; null where it shows nothing. Synchronous, and pure. */
export interface Codec {
  /** Unique; the first part of the topics' names. */
  readonly name: string
  event(event: RoomEvent, room: RoomLabel): string | null
  signal(signal: Signal, room: RoomLabel): string | null
}

export type Publish = (topic: string, text: string) => void

/**
 * From a room's events to the sockets: each event is encoded once per contract that has listeners here, and published to
 * that contract's topic of the room. A batch goes out within one tick, so that each socket gets it in one write.
 */
export class Broadcast {
  readonly #audiences = new Map<RoomId, Audience[]>()
  readonly #connections: Connections
  readonly #publish: Publish

  constructor(connections: Connections, publish: Publish) {
    this.#connections = connections
    this.#publish = publish
  }

  /** From now on the connection hears the room, as the codec shows it. */
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

  /** The feed's exit: in the order of the numbers, each event once. */
  deliver(id: RoomId, events: readonly RoomEvent[]): void {
    const audiences = this.#audiences.get(id)
    for (const event of events) {
      if (audiences !== undefined) {
        for (const { codec, room, topic } of audiences) {
          const text = codec.event(event, room)
          if (text !== null) this.#publish(topic, text)
        }
      }
      // In its place in the order: what comes after it in this very batch no longer reaches who is gone.
      if (event.type === 'member' && endsMembership(event)) {
        for (const connection of [...this.#connections.of(event.user.id)]) connection.session.removedFrom(id)
      }
    }
    const last = events.at(-1)
    if (audiences === undefined || last === undefined) return
    for (const { watchers } of audiences) {
      for (const watcher of watchers) watcher.session.delivered?.(id, last.seq)
    }
  }

  /** Something of the moment: to the room's listeners, and where it ends something, to whom it ends. */
  signal(signal: Signal): void {
    if (signal.type === 'token_revoked') {
      this.#connections.revoke(signal.userId, signal.hash)
      return
    }
    for (const { codec, room, topic } of this.#audiences.get(signal.roomId) ?? []) {
      const text = codec.signal(signal, room)
      if (text !== null) this.#publish(topic, text)
    }
    if (signal.type === 'room_deleted') {
      for (const connection of [...this.#connections.all()]) connection.session.removedFrom(signal.roomId)
    }
  }
}

interface Audience {
  readonly codec: Codec
  readonly room: RoomLabel
  readonly topic: string
  listeners: number
  /** Those who want to know how far they were sent. */
  readonly watchers: Set<Connection>
}
