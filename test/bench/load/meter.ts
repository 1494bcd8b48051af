import type { LoadClient, LoadHandlers } from './client.ts'
import { BEHIND_CONTENT, type Plan } from './plan.ts'

export interface Member extends Omit<LoadHandlers, 'failed'> {
  attach(client: LoadClient): void
  /** Sends its first messages. */
  begin(): void
}

/** Counts what all clients of a load receive, and keeps each one's messages on their way. */
export class Meter {
  readonly #plan: Plan
  readonly #members: Member[] = []
  readonly #greeted = Promise.withResolvers<void>()
  readonly #finished = Promise.withResolvers<void>()
  #greetings = 0
  #sent = 0
  #deliveries = 0
  #finishing = false

  constructor(plan: Plan) {
    this.#plan = plan
    if (!plan.greeted) this.#greeted.resolve()
  }

  /** Message frames received so far, by all clients together. */
  get deliveries(): number {
    return this.#deliveries
  }

  /** Resolves once every client has had the server's first frame: from then on it misses no message. */
  greeted(): Promise<void> {
    return this.#greeted.promise
  }

  /** Sends no more; resolves once every client has received every message that was sent. */
  finished(): Promise<void> {
    this.#finishing = true
    return this.#finished.promise
  }

  member({ mark }: Plan['clients'][number]): Member {
    const { inFlight } = this.#plan
    const [mark0, mark1] = [mark.charCodeAt(0), mark.charCodeAt(1)]
    let client: LoadClient | null = null
    let own = 0
    let greeted = false

    const send = (count: number) => {
      this.#sent += count
      client?.send(count)
    }
    const other = (text: string) => {
      if (text.includes('"type":"error"')) throw new Error(`the server answered ${text}`)
      if (!greeted) this.#greet()
      greeted = true
    }
    const member: Member = {
      attach: (opened) => {
        client = opened
      },
      begin: () => send(inFlight),
      frame: (bytes, start, end) => {
        if (bytes[start + 2] !== MESSAGE) {
          other(new TextDecoder().decode(bytes.subarray(start, end)))
          return
        }
        this.#deliveries++
        const behind = end - BEHIND_CONTENT
        if (bytes[behind - 1] === mark1 && bytes[behind - 2] === mark0) own++
      },
      text: (data) => {
        if (data.charCodeAt(2) !== MESSAGE) {
          other(data)
          return
        }
        this.#deliveries++
        const behind = data.length - BEHIND_CONTENT
        if (data.charCodeAt(behind - 1) === mark1 && data.charCodeAt(behind - 2) === mark0) own++
      },
      idle: () => {
        if (this.#finishing) this.#checkFinished()
        else if (own > 0) send(own)
        own = 0
      },
    }
    this.#members.push(member)
    return member
  }

  #greet(): void {
    this.#greetings++
    if (this.#greetings === this.#plan.clients.length) this.#greeted.resolve()
  }

  #checkFinished(): void {
    const due = this.#sent * this.#members.length
    if (this.#deliveries > due) throw new Error(`${this.#deliveries} deliveries of ${due}`)
    if (this.#deliveries === due) this.#finished.resolve()
  }
}

/** The third byte of `{"id":…`; frames that are no messages begin with `{"type":…`. */
const MESSAGE = 'i'.charCodeAt(0)
