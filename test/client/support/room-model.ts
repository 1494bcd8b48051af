import { type Action, emptyView, reduce, type ViewState } from '../../../src/client/view/index.ts'
import type {
  Marks,
  Member,
  Message,
  Pin,
  Role,
  Room,
  RoomEvent,
  RoomFrame,
  Snapshot,
  Subscribed,
  Thread,
} from '../../../src/client/wire.ts'

export const ME = 1
export const ROOM = 7

/** A room as a server has it: all that has happened, in order. The marks are the user `ME`'s. */
export class RoomModel {
  readonly events: RoomEvent[] = []
  readonly messages: Message[] = []
  readonly members = new Map<number, Member>([[ME, member(ME, 'owner')]])
  description = ''
  readSeq = 0

  get head(): number {
    return this.events.length
  }

  /** The event with this number, which there must be. */
  eventAt(seq: number): RoomEvent {
    const event = this.events[seq - 1]
    if (event === undefined) throw new Error(`no event ${seq}`)
    return event
  }

  /** Who has replied in each thread, in the order in which they came to it, and when it changed last. */
  readonly #came = new Map<number, number[]>()
  readonly #changed = new Map<number, number>()
  readonly #pins = new Map<number, Pin>()

  reply(sender: number, index: number, inRoom: boolean): void {
    const target = this.messages[index % Math.max(1, this.messages.length)]
    if (target === undefined) return
    const root = target.root ?? target.seq
    this.say(sender, undefined, { reply_to: target.seq, root, ...(inRoom ? {} : { in_room: false }) })
  }

  /** The thread as a recount finds it; undefined if nobody has ever replied. */
  thread(root: number): Thread | undefined {
    const changed = this.#changed.get(root)
    if (changed === undefined) return undefined
    const replies = this.messages.filter((message) => message.root === root && message.deleted_at === null)
    const users = (this.#came.get(root) ?? []).filter((id) => replies.some(({ sender }) => sender.id === id))
    const last = replies.at(-1)
    return {
      ...{ root, replies: replies.length, participants: users.length, users: users.slice(0, 3).map(user) },
      ...{ last_seq: last?.seq ?? null, last_at: last?.created_at ?? null, changed_seq: changed },
    }
  }

  /** The message as pages and snapshots show it. */
  shown(message: Message): Message {
    const thread = this.thread(message.seq)
    const pinned = this.#pins.get(message.seq)
    const begun = thread !== undefined && thread.replies > 0 ? { ...message, thread } : message
    return pinned === undefined ? begun : { ...begun, pinned }
  }

  pin(by: number, index: number, on: boolean): void {
    const message = this.messages[index % Math.max(1, this.messages.length)]
    if (message === undefined || message.deleted_at !== null || this.#pins.has(message.seq) === on) return
    const seq = this.head + 1
    const at = time(seq)
    if (on) this.#pins.set(message.seq, { by: user(by), at })
    else this.#pins.delete(message.seq)
    this.events.push({ type: 'pin', room: ROOM, seq, message: message.seq, on, actor: user(by), at })
  }

  /** Whether a later reader is told the event: the latest about a message that is not deleted. */
  #isTold(event: RoomEvent): boolean {
    if (event.type !== 'pin') return event.type === 'member' || event.type === 'room'
    const latest = this.events.findLast((each) => each.type === 'pin' && each.message === event.message)
    const about = this.messages.find(({ seq }) => seq === event.message)
    return latest === event && about?.deleted_at === null
  }

  /** Notes that a reply was sent or deleted. @returns what its event tells of its thread */
  #replied({ root, sender }: Message, at: number): { thread?: Thread } {
    if (root === undefined) return {}
    this.#changed.set(root, at)
    const users = this.thread(root)?.users ?? []
    const came = (this.#came.get(root) ?? []).filter((id) =>
      this.messages.some((each) => each.root === root && each.sender.id === id && each.deleted_at === null),
    )
    this.#came.set(root, came.includes(sender.id) || users.length > came.length ? came : [...came, sender.id])
    const thread = this.thread(root)
    return thread === undefined ? {} : { thread }
  }

  say(sender: number, clientId = `${sender}-${this.head}`, more: Partial<Message> = {}): Message {
    const seq = this.head + 1
    const message: Message = {
      id: 1000 + seq,
      room: ROOM,
      seq,
      version: null,
      sender: user(sender),
      client_id: clientId,
      kind: 'text',
      body: `text ${seq}`,
      reply_to: null,
      created_at: time(seq),
      edited_at: null,
      deleted_at: null,
      ...more,
    }
    this.messages.push(message)
    this.events.push({ type: 'message', room: ROOM, seq, message, ...this.#replied(message, seq) })
    return message
  }

  edit(index: number): void {
    this.#revise(index, 'edited', (seq) => ({ body: `text as of ${seq}`, edited_at: time(seq) }))
  }

  delete(index: number): void {
    this.#revise(index, 'deleted', (seq) => ({ body: '', deleted_at: time(seq) }))
  }

  #revise(index: number, type: 'edited' | 'deleted', change: (seq: number) => Partial<Message>): void {
    const at = index % Math.max(1, this.messages.length)
    const before = this.messages[at]
    if (!before || before.deleted_at !== null) return
    const seq = this.head + 1
    const message = { ...before, ...change(seq), version: seq }
    this.messages[at] = message
    if (type === 'deleted') this.#pins.delete(message.seq)
    const thread = type === 'deleted' ? this.#replied(message, seq) : this.#threadNow(message)
    this.events.push({ type, room: ROOM, seq, message, ...thread })
  }

  #threadNow({ root }: Message): { thread?: Thread } {
    const thread = root === undefined ? undefined : this.thread(root)
    return thread === undefined ? {} : { thread }
  }

  join(id: number): void {
    if (this.members.has(id)) return
    this.#member(id, 'joined', 'member')
    const { head } = this
    const marks = { read_seq: head, delivered_seq: head }
    this.members.set(id, { ...member(id, 'member'), ...marks, joined_at: time(head) })
  }

  leave(id: number): void {
    if (id === ME || !this.members.delete(id)) return
    this.#member(id, 'left', null)
  }

  setRole(id: number, role: Role): void {
    const before = this.members.get(id)
    if (!before || before.role === role) return
    this.members.set(id, { ...before, role })
    this.#member(id, 'role', role)
  }

  #member(id: number, change: 'joined' | 'left' | 'role', role: Role | null): void {
    const seq = this.head + 1
    this.events.push({
      type: 'member',
      room: ROOM,
      seq,
      change,
      user: user(id),
      actor: user(id),
      role,
      at: time(seq),
    })
  }

  describe(): void {
    const seq = this.head + 1
    this.description = `described at ${seq}`
    const { description } = this
    this.events.push({
      type: 'room',
      room: ROOM,
      seq,
      actor: user(ME),
      description,
      avatar: '',
      at: time(seq),
    })
  }

  read(seq: number): void {
    this.readSeq = Math.max(this.readSeq, Math.min(seq, this.head))
    const own = this.members.get(ME)
    if (own) this.members.set(ME, { ...own, read_seq: this.readSeq, delivered_seq: this.readSeq })
  }

  unread(): number {
    const counted = this.messages.filter(
      ({ seq, sender, deleted_at, in_room }) =>
        seq > this.readSeq && sender.id !== ME && deleted_at === null && in_room !== false,
    )
    return Math.min(1000, counted.length)
  }

  figures() {
    const { readSeq: read_seq, head } = this
    return { room: ROOM, read_seq, delivered_seq: read_seq, unread: this.unread(), head }
  }

  state(): RoomFrame {
    const marks: Marks[] = [...this.members.values()].map(({ user: { id }, read_seq, delivered_seq }) => ({
      user: id,
      read_seq,
      delivered_seq,
    }))
    return { type: 'state', ...this.figures(), marks, online: [ME], online_count: 1 }
  }

  /** What is left to see after `after`, in frames of at most `size` events, as the server makes them. */
  changes(after: number, size: number): RoomFrame[] {
    const left: RoomEvent[] = [
      ...this.messages
        .filter(({ seq }) => seq > after)
        .map(
          (message): RoomEvent => ({
            ...{ type: 'message', room: ROOM, seq: message.seq, message },
            ...this.#threadNow(message),
          }),
        ),
      ...this.messages.flatMap((message): RoomEvent[] =>
        message.seq <= after && message.version !== null && message.version > after
          ? [
              {
                type: message.deleted_at === null ? 'edited' : 'deleted',
                room: ROOM,
                seq: message.version,
                message,
                ...this.#threadNow(message),
              },
            ]
          : [],
      ),
      ...this.events.filter((event) => event.seq > after && this.#isTold(event)),
    ].toSorted((a, b) => a.seq - b.seq)
    const page = left.slice(0, size)
    const isLast = left.length <= size
    const to = isLast ? this.head : (page.at(-1)?.seq ?? this.head)
    const frame: RoomFrame = { type: 'changes', room: ROOM, after, to, events: page }
    return isLast ? [frame] : [frame, ...this.changes(to, size)]
  }

  snapshot(limit: number): Subscribed {
    const messages = this.messages.slice(Math.max(0, this.messages.length - limit))
    const snapshot: Snapshot = {
      room: this.room(),
      messages: messages.map((message) => this.shown(message)),
      has_older: messages.length < this.messages.length,
      members: [...this.members.values()],
    }
    return { room: ROOM, mode: 'snapshot', head: this.head, snapshot }
  }

  older(before: number, limit: number) {
    const all = this.messages.filter(({ seq }) => seq < before)
    const messages = all.slice(Math.max(0, all.length - limit))
    const shown = messages.map((message) => this.shown(message))
    return { before, messages: shown, hasOlder: messages.length < all.length, head: this.head }
  }

  room(): Room {
    return {
      id: ROOM,
      name: 'room',
      kind: 'public',
      creator: user(ME),
      description: this.description,
      avatar: '',
      head: this.head,
      member_count: this.members.size,
      posting: 'everyone',
      slow_mode: 0,
      created_at: time(0),
      updated_at: time(0),
      role: 'owner',
      invited: false,
      read_seq: this.readSeq,
      delivered_seq: this.readSeq,
      unread: this.unread(),
      other: null,
    }
  }
}

/** A view that is open, on a connection, and has nothing yet. */
export function openView(maxMessages: number): ViewState {
  const actions: Action[] = [
    { type: 'user', me: ME, pending: [] },
    { type: 'link', link: 'ready' },
    { type: 'open' },
  ]
  return actions.reduce(reduce, emptyView(ROOM, 0, maxMessages))
}

export function user(id: number) {
  return { id, username: `user${id}` }
}

function member(id: number, role: Role): Member {
  return { user: user(id), role, read_seq: 0, delivered_seq: 0, joined_at: time(0) }
}

function time(seq: number): string {
  return new Date(Date.UTC(2026, 1, 13) + seq * 1000).toISOString()
}
