import {
  type Changes,
  carriesMessage,
  type DescribedEvent,
  type Message,
  type RoomEvent,
  type RoomId,
  type Seq,
} from '../../../src/core/index.ts'
import { id, message, seq, userRef } from './values.ts'

/** A model of one room: every change ever made, and what the database would return. */
export class RoomModel {
  readonly id: RoomId
  /** By number: the change with number n is at n - 1. */
  readonly events: RoomEvent[] = []
  deleted = false
  /** Runs before each result; may wait or throw. */
  before: () => Promise<void> | void = () => undefined
  /** Runs after a result was made, before it is returned; waiting in it delays the result. */
  after: () => Promise<void> | void = () => undefined
  /** Numbers without a readable event, because a newer version wrote them. */
  readonly unknown = new Set<Seq>()
  /** How often changes were read. */
  reads = 0

  constructor(room = 1) {
    this.id = id(room)
  }

  get head(): Seq {
    return seq(this.events.length)
  }

  send(body = 'words'): RoomEvent {
    const at = this.events.length + 1
    return this.#add({
      type: 'message',
      roomId: this.id,
      seq: id(at),
      message: message(this.id, at, { body }),
    })
  }

  member(): RoomEvent {
    const who = { user: userRef(1), actor: userRef(1), role: 'member' as const }
    return this.#add({
      type: 'joined',
      roomId: this.id,
      seq: id(this.events.length + 1),
      ...who,
      at: new Date(0),
    })
  }

  /** Edits (or deletes, with body null) the nth message that still can be; sends one where there is none. */
  revise(nth: number, body: string | null): RoomEvent {
    const living = [...stateOf(this.events).messages.values()].filter((m) => m.deletedAt === null)
    const chosen = living[nth % living.length]
    if (chosen === undefined) return this.send()
    const at = id(this.events.length + 1)
    const time = new Date(at)
    const revised: Message =
      body === null
        ? { ...chosen, body: '', versionSeq: at, deletedAt: time }
        : { ...chosen, body, versionSeq: at, editedAt: time }
    const type = body === null ? 'deleted' : 'edited'
    return this.#add({ type, roomId: this.id, seq: at, message: revised })
  }

  async heads(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, Seq>> {
    await this.before()
    const found = new Map(this.deleted || !rooms.includes(this.id) ? [] : [[this.id, this.head]])
    await this.after()
    return found
  }

  /**
   * Returns the changes compacted, by the contract: a message appears once, in its current form, where it was sent or else where it
   * last changed.
   */
  async changes(room: RoomId, after: Seq, limit: number): Promise<Changes | null> {
    this.reads++
    await this.before()
    const found = this.deleted || room !== this.id ? null : this.#changes(after, limit)
    await this.after()
    return found
  }

  #changes(after: Seq, limit: number): Changes {
    const now = stateOf(this.events)
    const all = this.events.slice(after).flatMap((event): RoomEvent[] => {
      if (event.type === 'described') return event === now.described ? [event] : []
      if (!carriesMessage(event)) return [event]
      const latest = now.messages.get(event.message.seq) ?? event.message
      if (event.type === 'message') return [{ ...event, message: latest }]
      return latest.versionSeq === event.seq && latest.seq <= after ? [event] : []
    })
    const events = all.slice(0, limit).filter((event) => !this.unknown.has(event.seq))
    const complete = all.length <= limit
    const head = complete ? this.head : (all[limit - 1]?.seq ?? after)
    return { events, head, readAt: this.head }
  }

  #add(event: RoomEvent): RoomEvent {
    this.events.push(event)
    return event
  }
}

/** Returns the state of a reader that has applied the events in order. */
export function stateOf(events: readonly RoomEvent[]): RoomState {
  const messages = new Map<Seq, Message>()
  const members = new Map<Seq, RoomEvent>()
  let described: DescribedEvent | null = null
  for (const event of events) {
    if (carriesMessage(event)) messages.set(event.message.seq, event.message)
    else if (event.type === 'described') described = event
    else members.set(event.seq, event)
  }
  return { messages, members, described }
}

export interface RoomState {
  readonly messages: ReadonlyMap<Seq, Message>
  readonly members: ReadonlyMap<Seq, RoomEvent>
  readonly described: DescribedEvent | null
}
