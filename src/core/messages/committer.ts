import { ChatError, DamagedData, rewritten } from '../errors.ts'
import type { RoomEvent } from '../events/index.ts'
import type { Message, Seq } from '../model.ts'
import type { BatchResult, Clock, Draft, MessageLog } from '../ports.ts'
import {
  bytesOf,
  type Grouped,
  gaveUp,
  groupByRoom,
  type Lane,
  newLane,
  type Pending,
  type Retry,
  refusal,
  writtenMessage,
} from './batches.ts'
import type { CommittedEvents } from './committed-events.ts'
import type { CommitterOptions } from './committer-options.ts'
import type { SendReply } from './send-reply.ts'

/**
 * Group commit. Sends gather while a batch is being written and go out together as the next one: an idle server adds no
 * delay, a busy one writes large batches. A room belongs to one lane and a lane writes one batch at a time, so what one
 * sender sends to one room keeps its order.
 */
export class Committer {
  readonly #log: MessageLog
  readonly #clock: Clock
  readonly #options: CommitterOptions
  readonly #feed: CommittedEvents
  readonly #lanes: Lane[]
  #closed = false
  #waiting = 0
  #bytes = 0
  #idle: (() => void)[] = []

  constructor(log: MessageLog, clock: Clock, options: CommitterOptions, feed: CommittedEvents) {
    this.#log = log
    this.#clock = clock
    this.#options = options
    this.#feed = feed
    this.#lanes = Array.from({ length: log.lanes }, (_, index) => newLane(index))
  }

  /** Sends that have no answer yet. */
  get waiting(): number {
    return this.#waiting
  }

  enqueue(draft: Draft, reply: SendReply): void {
    if (this.#closed) {
      reply.rejected(new ChatError('unavailable', 'The server restarts, try again', { retryAfterMs: 1000 }))
      return
    }
    const bytes = bytesOf(draft)
    const { queueLimit, queueBytes } = this.#options
    if (this.#waiting >= queueLimit || this.#bytes + bytes > queueBytes) {
      reply.rejected(new ChatError('overloaded', 'The server is busy, try again', { retryAfterMs: 1000 }))
      return
    }
    const lane = this.#lanes[draft.roomId % this.#lanes.length]
    if (lane === undefined) throw new Error('a message log has at least one lane')
    this.#waiting++
    this.#bytes += bytes
    const deadline = this.#clock.ticks() + this.#options.deadlineMs
    lane.gathering.push({ draft, reply, bytes, deadline, answered: false })
    lane.alarm ??= this.#clock.after(this.#options.deadlineMs, () => this.#expire(lane))
    if (lane.busy) return
    lane.busy = true
    this.#writeWhenQuiet(lane, 0)
  }

  /** Takes no more sends; resolves once those that wait have their answers. */
  close(): Promise<void> {
    this.#closed = true
    if (this.#waiting === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * Writes once a turn of the event loop has brought nothing new: what comes in one burst then makes one batch, rather than
   * one of its first send and one of the rest. An idle server loses a turn by it, some ten microseconds.
   */
  #writeWhenQuiet(lane: Lane, seen: number): void {
    this.#options.nextTurn(() => {
      const now = lane.gathering.length
      if (now > seen && now < this.#options.batchLimit) this.#writeWhenQuiet(lane, now)
      else this.#writeNext(lane)
    })
  }

  #writeNext(lane: Lane): void {
    let pending = lane.gathering
    if (pending.length === 0) {
      lane.busy = false
      return
    }
    if (pending.length > this.#options.batchLimit) {
      lane.gathering = pending.slice(this.#options.batchLimit)
      pending = pending.slice(0, this.#options.batchLimit)
    } else {
      lane.gathering = []
    }
    lane.writing = pending
    this.#write(lane, pending, 0).then(() => {
      lane.writing = []
      this.#writeWhenQuiet(lane, 0)
    })
  }

  /** However long the database takes, each sender is told by their deadline. What is under way may still come to be. */
  #expire(lane: Lane): void {
    const now = this.#clock.ticks()
    lane.alarm = null
    for (const pending of lane.writing) if (pending.deadline <= now) this.#refuse(pending, gaveUp())
    lane.gathering = lane.gathering.filter((p) => p.deadline > now || this.#refuse(p, gaveUp()))
    const next = lane.writing.find((p) => !p.answered) ?? lane.gathering[0]
    if (next !== undefined) lane.alarm = this.#clock.after(next.deadline - now, () => this.#expire(lane))
  }

  /** Never rejects: each send of the batch has its answer when it resolves. */
  async #write(lane: Lane, pending: Pending[], attempt: number): Promise<void> {
    // Nothing was written of what has been refused meanwhile, or it is not known: a retry by its sender will tell.
    const live = pending.filter((p) => !p.answered)
    if (live.length === 0) return
    const grouped = groupByRoom(live)
    const { epoch } = this.#feed
    let result: BatchResult
    try {
      result = await this.#log.append(lane.index, grouped.batch)
    } catch (error) {
      if (error instanceof ChatError && error.kind === 'unavailable' && !(error instanceof DamagedData)) {
        // Written or not: the idempotency keys make the repetition safe.
        await this.#pause(attempt)
        return this.#write(lane, live, attempt + 1)
      }
      return this.#isolate(lane, live, error)
    }
    // What was written may not be in the epoch that has begun since. As after a lost answer, it is written again.
    if (epoch !== this.#feed.epoch) return this.#write(lane, live, attempt)
    const retries = this.#publish(grouped, result, epoch)
    for (const { pending, seq } of retries) await this.#answerRetry(pending, seq)
  }

  /** A batch that cannot be written while others can is halved until the one at fault stands alone. */
  async #isolate(lane: Lane, pending: Pending[], error: unknown): Promise<void> {
    const [first] = pending
    if (pending.length === 1 && first !== undefined) {
      this.#refuse(first, error instanceof Error ? error : new Error(String(error)))
      return
    }
    const half = pending.length >> 1
    await this.#write(lane, pending.slice(0, half), 0)
    await this.#write(lane, pending.slice(half), 0)
  }

  /**
   * Acknowledges and hands on the whole batch in one tick: the sockets' writes then leave together.
   * @returns the retries in it, whose first results are still to be read
   */
  #publish({ batch, ordered }: Grouped, result: BatchResult, epoch: string): Retry[] {
    const retries: Retry[] = []
    let at = 0
    for (let r = 0; r < batch.rooms.length; r++) {
      const room = batch.rooms[r]
      const end = at + (batch.counts[r] ?? 0)
      const events: RoomEvent[] = []
      for (; at < end; at++) {
        const pending = ordered[at]
        if (pending === undefined) continue
        const verdict = result.verdicts === null ? 'sent' : result.verdicts[at]
        const seq = result.seqs[at]
        if (verdict === 'retry' && seq !== undefined) {
          retries.push({ pending, seq })
          continue
        }
        if (verdict !== 'sent') {
          this.#refuse(pending, refusal(verdict, result.waits?.[at]))
          continue
        }
        const message = writtenMessage(pending.draft, result, at)
        events.push({ type: 'message', roomId: message.roomId, seq: message.seq, message })
        this.#acknowledge(pending, message)
      }
      if (room !== undefined && events.length > 0) this.#guarded(() => this.#feed.commit(room, events, epoch))
    }
    return retries
  }

  /**
   * What counts is what was written the first time, not what came now. The feed drops it if it had it already; if the first
   * answer was lost on its way from the database, this is how the room gets it.
   */
  async #answerRetry(pending: Pending, seq: Seq): Promise<void> {
    const { roomId } = pending.draft
    const { epoch } = this.#feed
    try {
      const message = await this.#log.message(roomId, { seq })
      if (epoch !== this.#feed.epoch) throw rewritten()
      if (message === null) {
        this.#refuse(pending, refusal('no_room'))
        return
      }
      this.#acknowledge(pending, message)
      if (message.versionSeq !== null) return
      this.#guarded(() => this.#feed.commit(roomId, [{ type: 'message', roomId, seq, message }], epoch))
    } catch (error) {
      this.#refuse(pending, error instanceof Error ? error : new Error(String(error)))
    }
  }

  #pause(attempt: number): Promise<void> {
    // Full jitter, so that nodes that lost the same database do not come back in step.
    const ms = Math.random() * Math.min(1000, 20 * 2 ** Math.min(attempt, 10))
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }

  #acknowledge(pending: Pending, message: Message): void {
    if (this.#settle(pending)) this.#guarded(() => pending.reply.sent(message))
  }

  #refuse(pending: Pending, error: Error): false {
    if (this.#settle(pending)) this.#guarded(() => pending.reply.rejected(error))
    return false
  }

  /** A fault in what is told must not keep the others from being told. */
  #guarded(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#options.onFault(error)
    }
  }

  /** @returns whether this is its first answer, which is the only one that is told */
  #settle(pending: Pending): boolean {
    if (pending.answered) return false
    pending.answered = true
    this.#waiting--
    this.#bytes -= pending.bytes
    if (this.#waiting > 0) return true
    for (const resolve of this.#idle) resolve()
    this.#idle = []
    return true
  }
}
