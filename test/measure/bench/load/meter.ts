import { Member } from './member.ts'
import type { Plan } from './plan.ts'

/** Counts what all clients of a load send and receive. */
export class Meter {
  readonly #plan: Plan
  readonly #members: Member[] = []
  readonly #greeted = Promise.withResolvers<void>()
  readonly #finished = Promise.withResolvers<void>()
  #greetings = 0
  #sent = 0
  #finishing = false

  constructor(plan: Plan) {
    this.#plan = plan
    if (plan.wire.ready === null) this.#greeted.resolve()
  }

  /** Messages received so far, by all clients together. */
  get deliveries(): number {
    return this.#members.reduce((sum, { heard }) => sum + heard, 0)
  }

  /** Resolves once every client is ready: from then on it misses no message. */
  greeted(): Promise<void> {
    return this.#greeted.promise
  }

  /**
   * Sends no more. Resolves once every client has received as many messages as were sent, and as many answers as there are to its
   * own. If the messages are numbered, every client has had every number: the first client in this order, the others by their
   * first number, their last and the count.
   */
  finished(): Promise<void> {
    this.#finishing = true
    return this.#finished.promise
  }

  member({ mark }: Plan['clients'][number]): Member {
    const { inFlight, wire } = this.#plan
    const sampled = this.#members.length === 0
    const member = new Member({
      wire,
      mark,
      inFlight,
      sampled,
      sending: (count) => {
        this.#sent += count
      },
      ready: () => this.#greet(),
      goesOn: () => {
        if (this.#finishing) this.#checkFinished()
        return !this.#finishing
      },
    })
    this.#members.push(member)
    return member
  }

  #greet(): void {
    this.#greetings++
    if (this.#greetings === this.#plan.clients.length) this.#greeted.resolve()
  }

  #checkFinished(): void {
    const most = Math.max(...this.#members.map(({ heard }) => heard))
    if (most > this.#sent) throw new Error(`a client has received ${most} messages of ${this.#sent}`)
    if (!this.#members.every((member) => member.heard === this.#sent && member.isAnswered)) return
    for (const member of this.#members) member.expectAllNumbers()
    this.#finished.resolve()
  }
}
