import type {
  Message,
  Pin,
  ReactionCount,
  Role,
  Room,
  RoomEvent,
  ServerFrame,
  Snapshot,
  Thread,
} from '../../src/api/v2/wire/index.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { isEvent } from '../api/v2/support/rooms.ts'

export interface ReplicaState {
  readonly position: number
  /** Every message from this number on is known, because a snapshot holds only the latest ones. 0 if all messages are known. */
  readonly from: number
  /** By number. Some messages before `from` are known too: those that changed later. */
  readonly messages: readonly Message[]
  /** The keys of messages that have one, by number. Some before `from` are known too. */
  readonly reactions: ReadonlyMap<number, readonly ReactionCount[]>
  /** Those that messages begin, by number, without those whose replies are all deleted. Some before `from` are known too. */
  readonly threads: ReadonlyMap<number, Thread>
  /** By the number of the message. Some before `from` are known too. */
  readonly pins: ReadonlyMap<number, Pin>
  readonly members: ReadonlyMap<number, Role>
  readonly description: string
  readonly avatar: string
  readonly rules: Pick<Room, 'posting' | 'slow_mode'>
}

/**
 * What a client knows of one room if it relies on nothing but the contract's arithmetic. It throws if something was lost: its caller
 * has kept the connection, or has sent the position on returning.
 */
export class Replica {
  readonly #room: number
  readonly #messages = new Map<number, Message>()
  readonly #reactions = new Map<number, readonly ReactionCount[]>()
  readonly #threads = new Map<number, Thread>()
  readonly #pins = new Map<number, Pin>()
  readonly #members = new Map<number, Role>()
  #position = 0
  #from = 0
  #description = ''
  #avatar = ''
  #rules: ReplicaState['rules'] = { posting: 'everyone', slow_mode: 0 }

  constructor(room: number) {
    this.#room = room
  }

  get position(): number {
    return this.#position
  }

  /** Whether it was shown the message with this number and key, or started again from a later snapshot. */
  hasSeen(seq: number, clientId: string): boolean {
    if (seq < this.#from) return this.#position >= seq
    return this.#messages.get(seq)?.client_id === clientId
  }

  take(frame: ServerFrame): void {
    if (frame.type === 'result') {
      const { data } = frame
      if ('mode' in data && data.room === this.#room && data.snapshot !== null) this.#begin(data.snapshot)
    } else if ('room' in frame && frame.room === this.#room) {
      if (frame.type === 'changes') this.#apply(frame.after, frame.to, frame.events)
      else if (frame.type === 'live') this.#expect(frame.seq <= this.#position, frame)
      else if (isEvent(frame)) this.#apply(frame.seq - 1, frame.seq, [frame])
    }
  }

  state(): ReplicaState {
    return {
      position: this.#position,
      from: this.#from,
      messages: [...this.#messages.values()].sort((a, b) => a.seq - b.seq),
      reactions: new Map([...this.#reactions].sort(([a], [b]) => a - b)),
      threads: new Map([...this.#threads].filter(([, { replies }]) => replies > 0).sort(([a], [b]) => a - b)),
      pins: new Map([...this.#pins].sort(([a], [b]) => a - b)),
      members: new Map([...this.#members].sort(([a], [b]) => a - b)),
      description: this.#description,
      avatar: this.#avatar,
      rules: this.#rules,
    }
  }

  #begin({ room, messages, members, has_older }: Snapshot): void {
    this.#position = room.head
    this.#from = has_older ? (messages[0]?.seq ?? room.head + 1) : 0
    this.#description = room.description
    this.#avatar = room.avatar
    this.#rules = { posting: room.posting, slow_mode: room.slow_mode }
    this.#messages.clear()
    this.#reactions.clear()
    this.#threads.clear()
    this.#pins.clear()
    this.#members.clear()
    for (const { reactions, thread, pinned, ...message } of messages) {
      if (pinned !== undefined) this.#pins.set(message.seq, pinned)
      if (thread !== undefined) this.#thread(thread)
      this.#messages.set(message.seq, message)
      if (reactions !== undefined) this.#react(message.seq, reactions)
    }
    for (const { user, role } of members ?? []) this.#members.set(user.id, role)
  }

  #apply(after: number, to: number, events: readonly RoomEvent[]): void {
    if (to <= this.#position) return
    this.#expect(after <= this.#position, { after, to })
    // Every event counts: a message that is known already may come again in a later form.
    for (const event of events) this.#applyOne(event)
    this.#position = to
  }

  #applyOne(event: RoomEvent): void {
    if (hasMessage(event)) {
      const known = this.#messages.get(event.message.seq)
      if (known === undefined || (event.message.version ?? 0) > (known.version ?? 0)) {
        this.#messages.set(event.message.seq, event.message)
      }
      if (event.thread !== undefined) this.#thread(event.thread)
      if (event.message.deleted_at !== null) {
        this.#reactions.delete(event.message.seq)
        this.#pins.delete(event.message.seq)
      }
    } else if (event.type === 'pin') {
      if (!event.on) this.#pins.delete(event.message)
      else if (this.#messages.get(event.message)?.deleted_at == null) {
        this.#pins.set(event.message, { by: event.actor, at: event.at })
      }
    } else if (event.type === 'reaction') {
      if (this.#messages.get(event.message)?.deleted_at == null) this.#react(event.message, event.reactions)
    } else if (event.type === 'room') {
      this.#description = event.description
      this.#avatar = event.avatar
    } else if (event.type === 'rules') {
      this.#rules = { posting: event.posting, slow_mode: event.slow_mode }
    } else if (event.type === 'restraint') {
      // No snapshot holds it, so replicas that began at different places know different ones.
    } else if (event.role !== null) {
      this.#members.set(event.user.id, event.role)
    } else if (event.change === 'left' || event.change === 'removed') {
      this.#members.delete(event.user.id)
    }
  }

  /** The replica does not know which user it belongs to. */
  #react(message: number, reactions: readonly ReactionCount[]): void {
    if (reactions.length === 0) this.#reactions.delete(message)
    else {
      const counts = reactions.map(({ reaction, count, users }) => ({ reaction, count, users }))
      this.#reactions.set(message, counts)
    }
  }

  #thread(thread: Thread): void {
    if ((this.#threads.get(thread.root)?.changed_seq ?? 0) < thread.changed_seq) {
      this.#threads.set(thread.root, thread)
    }
  }

  #expect(holds: boolean, what: unknown): void {
    if (!holds) throw new Error(`lost at ${this.#position}: ${JSON.stringify(what)}`)
  }
}
