import { ChatError, notMember, restrained, rewritten } from '../errors.ts'
import type { CommittedEvents } from '../messages/index.ts'
import type { RoomId, Seq } from '../model.ts'
import type { Clock, ReactionLog, ReactionsWritten, ReactionVerdict, ReactionWanted } from '../ports.ts'
import { BOUNDS } from './bounds.ts'
import { type PendingReaction, RoomQueue } from './room-queue.ts'

export interface ReactionWriterOptions {
  /** Reactions that may wait for the database; one more is refused with `overloaded`. */
  readonly queueLimit: number
  /** Milliseconds after which a reaction that could not be written is refused with `unavailable`. */
  readonly deadlineMs: number
  /** Calls back once the event loop has been round. */
  readonly nextTurn: (run: () => void) => void
}

/** Rooms in which reactions are written at once. */
const ROOMS_AT_ONCE = 4

/**
 * Writes reactions in batches, of one room each. The first reaction to a message is written at once. Those that follow while the
 * message's window is open are gathered and written together, as one event with one number. So a message has a few events a second
 * however many users react, and nothing is stored that was not told. If another node has written the latest event, the database says
 * how long to wait.
 */
export class ReactionWriter {
  readonly #log: ReactionLog
  readonly #clock: Clock
  readonly #feed: CommittedEvents
  readonly #options: ReactionWriterOptions
  /** Rooms with reactions that wait, or with messages whose windows are open. */
  readonly #rooms = new Map<RoomId, RoomQueue>()
  /** Rooms that can be written to, in the order in which they became so. */
  readonly #ready = new Set<RoomQueue>()
  #writing = 0
  #waiting = 0
  #closed = false
  #idle: (() => void)[] = []

  constructor(log: ReactionLog, clock: Clock, feed: CommittedEvents, options: ReactionWriterOptions) {
    this.#log = log
    this.#clock = clock
    this.#feed = feed
    this.#options = options
  }

  /** Writes one reaction. @returns the room's number from which on it is shown. @throws ChatError */
  async write(room: RoomId, wanted: ReactionWanted): Promise<Seq> {
    if (this.#closed) throw new ChatError('unavailable', 'The server restarts, try again', soon)
    if (this.#waiting >= this.#options.queueLimit) {
      throw new ChatError('overloaded', 'The server is busy, try again', soon)
    }
    this.#waiting++
    const deadline = this.#clock.ticks() + this.#options.deadlineMs
    try {
      return await new Promise((resolve, reject) => {
        const settle = (outcome: Seq | Error) =>
          outcome instanceof Error ? reject(outcome) : resolve(outcome)
        const queue = this.#rooms.get(room) ?? this.#open(room)
        queue.add({ ...wanted, deadline, settle })
        this.#schedule(queue)
      })
    } finally {
      this.#settled()
    }
  }

  /** Takes no more reactions; resolves once those that wait have their answers. */
  close(): Promise<void> {
    this.#closed = true
    if (this.#waiting === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #open(room: RoomId): RoomQueue {
    const queue: RoomQueue = new RoomQueue(room, this.#clock, () => this.#schedule(queue))
    this.#rooms.set(room, queue)
    return queue
  }

  /** Called whenever a room may have become ready, or may need its queue no more. */
  #schedule(queue: RoomQueue): void {
    if (queue.isReady) {
      if (this.#ready.has(queue)) return
      this.#ready.add(queue)
      // What comes in the same turn is written with it.
      this.#options.nextTurn(() => this.#writeReady())
    } else if (queue.isEmpty) this.#rooms.delete(queue.room)
  }

  #writeReady(): void {
    for (const queue of this.#ready) {
      if (this.#writing >= ROOMS_AT_ONCE) return
      this.#ready.delete(queue)
      this.#writing++
      void this.#write(queue).then(() => {
        this.#writing--
        queue.written()
        this.#schedule(queue)
        this.#writeReady()
      })
    }
  }

  /** Never rejects: each reaction of the batch is answered, or waits again. */
  async #write(queue: RoomQueue): Promise<void> {
    const now = this.#clock.ticks()
    const batch: PendingReaction[] = []
    for (const pending of queue.take()) {
      if (pending.deadline > now) batch.push(pending)
      else pending.settle(gaveUp())
    }
    if (batch.length === 0) return
    const { epoch } = this.#feed
    try {
      const written = await this.#log.react(queue.room, batch, BOUNDS)
      // What was written may not be in the epoch that has begun since.
      if (epoch !== this.#feed.epoch) throw rewritten()
      if (written.events.length > 0) this.#feed.commit(queue.room, [...written.events], epoch)
      this.#answer(queue, batch, written)
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      for (const pending of batch) pending.settle(reason)
    }
  }

  #answer(queue: RoomQueue, batch: readonly PendingReaction[], written: ReactionsWritten): void {
    const { verdicts, events, waits, head } = written
    const numbers = new Map(events.map(({ message, seq }) => [message, seq]))
    for (const message of numbers.keys()) queue.rest(message, BOUNDS.windowMs)
    for (const [message, ms] of waits) queue.rest(message, ms)
    for (const [index, pending] of batch.entries()) {
      const verdict = verdicts[index]
      if (verdict === 'too_soon') queue.putBack(pending)
      else if (verdict === 'changed') pending.settle(numbers.get(pending.message) ?? head)
      else if (verdict === 'same') pending.settle(head)
      else pending.settle(refusal(verdict))
    }
  }

  #settled(): void {
    this.#waiting--
    if (this.#waiting > 0) return
    for (const resolve of this.#idle) resolve()
    this.#idle = []
  }
}

const soon = { retryAfterMs: 1000 }

function gaveUp(): ChatError {
  return new ChatError('unavailable', 'The reaction could not be stored in time, try again', soon)
}

function refusal(verdict: ReactionVerdict | undefined): ChatError {
  switch (verdict) {
    case 'not_member':
      return notMember()
    case 'muted':
    case 'blocked':
      return restrained(verdict)
    case 'too_many':
      return new ChatError('conflict', `A user may have at most ${BOUNDS.own} reactions to one message`)
    case 'too_many_kinds':
      return new ChatError('conflict', `A message may have at most ${BOUNDS.kinds} different reactions`)
    default:
      return new ChatError('not_found', 'Message not found')
  }
}
