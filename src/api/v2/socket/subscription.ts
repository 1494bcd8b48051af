import {
  ChatError,
  type FeedRoom,
  isSeq,
  type Message,
  type RoomId,
  type Seq,
  type Timer,
} from '../../../core/index.ts'
import type { Connection, Server } from '../../../server/index.ts'
import { type Backfill, LiveRoom } from '../../shared/index.ts'
import { marksBody, snapshotBody } from '../bodies.ts'
import type { RequestId, Subscribed, UnsubscribedFrame } from '../wire/index.ts'
import type { Answers } from './answers.ts'
import { frame, v2Codec } from './codec.ts'
import type { V2SocketOptions } from './options.ts'
import { Typing } from './typing.ts'

export interface SubscriptionWanted {
  readonly id: RequestId
  readonly room: RoomId
  /** The number up to which the client has everything; undefined: nothing. */
  readonly after: number | undefined
  /** Messages in a snapshot. */
  readonly limit: number
}

/** Characters of text in a snapshot at most, as JSON has them, whatever number of messages was asked for: it is one frame. */
const SNAPSHOT_TEXT = 200_000
const RETRY_MS = 2000

/** One connection's hearing of one room, from the request on to its end. */
export class Subscription {
  readonly typing: Typing
  readonly #server: Server
  readonly #connection: Connection
  readonly #answers: Answers
  readonly #options: V2SocketOptions
  readonly #wanted: SubscriptionWanted
  readonly #live: LiveRoom
  #room: FeedRoom | null = null
  #answered = false
  #ended = false
  #toldHead = 0
  #retry: Timer | null = null
  #settle: () => void = () => undefined
  readonly #onEnd: () => void

  /** @param onEnd called where it ends by itself */
  constructor(
    server: Server,
    connection: Connection,
    answers: Answers,
    options: V2SocketOptions,
    wanted: SubscriptionWanted,
    onEnd: () => void,
  ) {
    this.#server = server
    this.#connection = connection
    this.#answers = answers
    this.#options = options
    this.#wanted = wanted
    this.#onEnd = onEnd
    this.typing = new Typing(server.chat.signals, options.clock, wanted.room, connection.user)
    this.#live = new LiveRoom(server, connection, { id: wanted.room, name: '' }, v2Codec, {
      live: (at) => this.#onLive(at),
      failed: (error) => this.#onFailed(error),
    })
  }

  /** Whether the user was found to be a member: until then nobody may see them in the room. */
  get admitted(): boolean {
    return this.#answered && !this.#ended
  }

  /** Resolves once the room is live or the subscription has ended. */
  start(): Promise<void> {
    if (this.#ended) return Promise.resolve()
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve
    })
    this.#live.start((room) => this.#backfill(room))
    return settled
  }

  /** The client wants it no more, or has gone. */
  stop(): void {
    this.#end(new ChatError('conflict', 'The room was unsubscribed, or subscribed to again, meanwhile'))
  }

  /** There is no room for it now. */
  refuse(error: ChatError): void {
    this.#end(error)
    this.#onEnd()
  }

  /** The user's membership has ended at a number. @returns whether that is for this subscription: they may have come back */
  ends(at: Seq): boolean {
    return this.#live.ends(at)
  }

  /** The server ends it. */
  cancel(reason: UnsubscribedFrame['reason']): void {
    if (this.#ended) return
    const { room } = this.#wanted
    const answered = this.#answered
    this.#end(new ChatError('not_found', 'Room not found'))
    if (answered) this.#connection.send(frame({ type: 'unsubscribed', room, reason }))
    this.#onEnd()
  }

  /** The number that was sent last, where it has moved since this was asked before. */
  newHead(): Seq | null {
    const { position } = this.#live
    if (position === null || position <= this.#toldHead) return null
    this.#toldHead = position
    return position
  }

  async #backfill(room: FeedRoom): Promise<Backfill> {
    this.#room = room
    const { after } = this.#wanted
    if (after !== undefined && isSeq(after)) {
      // This node may be behind the one where the client was before.
      if (after > room.position) await room.reached(after)
      const missed = room.position - after
      if (missed >= 0 && missed <= this.#options.resumeLimit) {
        const memberAt = await this.#findMember()
        const mode = room.since(after) === null ? 'changes' : 'live'
        this.#answer({ mode, head: room.position, snapshot: null })
        return { head: after, frames: [], memberAt }
      }
    }
    return this.#snapshot()
  }

  async #snapshot(): Promise<Backfill> {
    const { chat } = this.#server
    const { user } = this.#connection
    const snapshot = await chat.rooms.snapshot(this.#wanted.room, user.id, this.#wanted.limit)
    const { other, room } = snapshot.view
    const online = await chat.presence.online(other === null ? [] : [other.id])
    const messages = latestThatFit(snapshot.messages)
    const hasOlder = snapshot.hasOlder || messages.length < snapshot.messages.length
    const body = snapshotBody({ ...snapshot, messages, hasOlder }, online)
    const answer = () => this.#answer({ mode: 'snapshot', head: room.lastSeq, snapshot: body })
    await this.#connection.whenDrained(answer)
    return { head: room.lastSeq, frames: [], memberAt: room.lastSeq }
  }

  /** With the room followed already: whoever is removed from here on is told by the feed. */
  async #findMember(): Promise<Seq> {
    const { room } = this.#wanted
    const found = await this.#server.chat.rooms.visible({ id: room }, this.#connection.user.id)
    if (found.role === null) throw new ChatError('forbidden', 'You are not a member of this room')
    return found.room.lastSeq
  }

  /** Before the rest of the backlog, and to a member only. */
  #answer(data: Omit<Subscribed, 'room'>): void {
    if (this.#ended) return
    const { id, room } = this.#wanted
    this.#answered = true
    this.#answers.result(id, { room, ...data })
  }

  #onLive(at: Seq): void {
    this.#connection.send(frame({ type: 'live', room: this.#wanted.room, seq: at }))
    this.#settle()
    this.#tellState()
  }

  #onFailed(error: unknown): void {
    if (this.#ended) return
    const passing = !(error instanceof ChatError) || error.retryable
    if (passing) this.#server.log.warn({ err: error, room: this.#wanted.room }, 'a subscription failed')
    if (this.#answered) {
      this.cancel(passing ? 'try_again' : 'left')
      return
    }
    this.#end(error)
    this.#onEnd()
  }

  #tellState(): void {
    this.#readState().catch((error: unknown) => {
      if (this.#ended) return
      this.#server.log.debug({ err: error, room: this.#wanted.room }, 'the state of a room could not be read')
      const pause = RETRY_MS * (0.5 + Math.random())
      this.#retry = this.#options.clock.after(pause, () => this.#tellState())
    })
  }

  /** After the room is live, so that no mark falls between what is read here and what is heard. */
  async #readState(): Promise<void> {
    const { chat } = this.#server
    const { room } = this.#wanted
    const { view, marks } = await chat.rooms.facts(room, this.#connection.user.id)
    const presence = await chat.presence.inRoom(view.room)
    await this.#room?.reached(view.room.lastSeq)
    if (this.#ended) return
    this.#connection.send(
      frame({
        type: 'state',
        room,
        head: view.room.lastSeq,
        read_seq: view.readSeq,
        delivered_seq: view.deliveredSeq,
        unread: view.unread,
        marks: marks?.map(marksBody) ?? null,
        online: presence.online === null ? null : [...presence.online],
        online_count: presence.count,
      }),
    )
  }

  #end(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#retry?.cancel()
    // In this order: their own end of typing is not for them.
    this.#live.stop()
    this.typing.stop()
    if (!this.#answered) this.#answers.refuse(this.#wanted.id, error)
    this.#settle()
  }
}

function latestThatFit(messages: readonly Message[]): readonly Message[] {
  let text = 0
  const tooFar = messages.findLastIndex((message) => {
    // Some characters take six there.
    text += JSON.stringify(message.body).length
    return text > SNAPSHOT_TEXT
  })
  return messages.slice(tooFar + 1)
}
