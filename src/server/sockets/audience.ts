import type { RoomEvent, RoomId, Seq, Signal, Stretch } from '../../core/index.ts'
import type { Codec, RoomLabel } from './codec.ts'
import type { Connection } from './connection.ts'
import { batchesOf } from './frame-batches.ts'
import { framesOf } from './pieces.ts'

export type Publish = (topic: string, text: string) => void

/** A topic of Bun's, and how many sockets of this node are subscribed to it. */
export interface Topic {
  readonly name: string
  listeners: number
}

/** The sockets of this node that listen to one room in one contract's form. Those that take batches of frames have a topic of their own. */
export class Audience {
  readonly codec: Codec
  readonly #room: RoomLabel
  readonly #single: Topic
  readonly #batched: Topic
  readonly #publish: Publish
  /** The connections whose sessions are told how far they were sent. */
  readonly #watchers = new Set<Connection>()

  constructor(codec: Codec, room: RoomLabel, publish: Publish) {
    this.codec = codec
    this.#room = room
    this.#publish = publish
    this.#single = { name: `${codec.name}:${room.id}`, listeners: 0 }
    this.#batched = { name: `${codec.name}[]:${room.id}`, listeners: 0 }
  }

  get listeners(): number {
    return this.#single.listeners + this.#batched.listeners
  }

  /** @returns the topic that the connection is subscribed to now; pass it to `leave` */
  join(connection: Connection): Topic {
    const topic = connection.takesBatches ? this.#batched : this.#single
    topic.listeners++
    if (connection.session.delivered !== undefined) this.#watchers.add(connection)
    connection.subscribe(topic.name)
    return topic
  }

  leave(connection: Connection, topic: Topic): void {
    connection.unsubscribe(topic.name)
    this.#watchers.delete(connection)
    topic.listeners--
  }

  /** Publishes events of which nobody has missed any. */
  events(events: readonly RoomEvent[]): void {
    const { codec } = this
    const texts: string[] = []
    for (const event of events) {
      const text = codec.event(event, this.#room)
      if (text !== null) texts.push(text)
    }
    this.#send(texts)
  }

  stretch(events: readonly RoomEvent[], stretch: Stretch): void {
    this.#send(framesOf(this.codec, events, stretch, this.#room))
  }

  signal(signal: Signal): void {
    const text = this.codec.signal(signal, this.#room)
    if (text !== null) this.#send([text])
  }

  /** Tells the watchers that everything up to a number has been sent. */
  delivered(upTo: Seq, room: RoomId): void {
    for (const { session } of this.#watchers) session.delivered?.(room, upTo)
  }

  #send(texts: readonly string[]): void {
    if (this.#single.listeners > 0) for (const text of texts) this.#publish(this.#single.name, text)
    if (this.#batched.listeners > 0) {
      for (const text of batchesOf(texts)) this.#publish(this.#batched.name, text)
    }
  }
}
