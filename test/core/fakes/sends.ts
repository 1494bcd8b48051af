import {
  type CommittedEvents,
  Committer,
  type CommitterOptions,
  type Draft,
  type Message,
  type MessageLog,
  type RoomEvent,
  type RoomId,
} from '../../../src/core/index.ts'
import { FakeClock } from './clock.ts'

/** A committer over a log, with a record of all results and deliveries. */
export class Sends implements CommittedEvents {
  readonly clock = new FakeClock()
  readonly committer: Committer
  /** Of the history; another one may begin at any time. */
  epoch = '1-first'
  /** In the order in which they came. */
  readonly committed: { room: RoomId; events: readonly RoomEvent[] }[] = []
  readonly answers: Answer[] = []
  /** What listeners threw. */
  readonly faults: unknown[] = []
  /** The result of each send, by its number. */
  readonly #replies: Answer[][] = []

  constructor(log: MessageLog, options: Partial<CommitterOptions> = {}) {
    const onFault = (error: unknown) => void this.faults.push(error)
    const usual = {
      queueLimit: 10_000,
      queueBytes: 1_000_000,
      batchLimit: 1000,
      deadlineMs: 5000,
      onFault,
      nextTurn: queueMicrotask,
    }
    this.committer = new Committer(log, this.clock, { ...usual, ...options }, this)
  }

  commit(room: RoomId, events: RoomEvent[], epoch: string): void {
    if (epoch !== this.epoch) throw new Error(`handed on in ${this.epoch} what was written in ${epoch}`)
    this.committed.push({ room, events })
  }

  send(draft: Draft): number {
    const own: Answer[] = []
    const settle = (answer: Answer) => {
      own.push(answer)
      this.answers.push(answer)
    }
    const number = this.#replies.push(own) - 1
    this.committer.enqueue(draft, {
      sent: (message) => settle({ draft, message, error: null }),
      rejected: (error) => settle({ draft, message: null, error }),
    })
    return number
  }

  /** The answers that a send has had by now. */
  of(number: number): readonly Answer[] {
    return this.#replies[number] ?? []
  }

  /** The clients' keys of what was acknowledged, in that order. */
  get acked(): string[] {
    return this.answers.filter(({ message }) => message !== null).map(({ draft }) => draft.clientId)
  }

  /** For each refusal, its key and the error's kind, or its message where it is no ChatError. */
  get refused(): [string, string][] {
    return this.answers.flatMap(({ draft, error }) => {
      if (error === null) return []
      return [
        [draft.clientId, 'kind' in error && typeof error.kind === 'string' ? error.kind : error.message],
      ]
    })
  }

  /** Counts sends by their number of results: correct is 1 for all. */
  get answerCounts(): number[] {
    return [...new Set(this.#replies.map((own) => own.length))]
  }
}

export interface Answer {
  readonly draft: Draft
  readonly message: Message | null
  readonly error: Error | null
}
