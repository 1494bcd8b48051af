import type { LoadClient, LoadHandlers } from './client.ts'
import type { Plan } from './plan.ts'
import type { Wire } from './wire.ts'

export interface Member extends Omit<LoadHandlers, 'failed'> {
  attach(client: LoadClient): void
  /** Sends its first messages. */
  begin(): void
}

/** Counts what all clients of a load receive, and keeps each one's messages on their way. */
export class Meter {
  readonly #plan: Plan
  readonly #heard: (() => number)[] = []
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
    return this.#heard.reduce((sum, heard) => sum + heard(), 0)
  }

  /** Resolves once every client is ready: from then on it misses no message. */
  greeted(): Promise<void> {
    return this.#greeted.promise
  }

  /** Sends no more; resolves once every client has received as many messages as were sent. */
  finished(): Promise<void> {
    this.#finishing = true
    return this.#finished.promise
  }

  member({ mark }: Plan['clients'][number]): Member {
    const { inFlight, wire } = this.#plan
    const { markAt } = wire
    const message = new TextEncoder().encode(wire.message)
    const [mark0, mark1] = [mark.charCodeAt(0), mark.charCodeAt(1)]
    const unsaid: string[] = wire.hello === null ? [] : [wire.hello]
    let client: LoadClient | null = null
    let heard = 0
    let own = 0
    let ready = false

    const send = (count: number) => {
      this.#sent += count
      client?.send(count)
    }
    // A frame may come before its client is attached.
    const sayAll = () => {
      const to = client
      if (to !== null) for (const text of unsaid.splice(0)) to.say(text)
    }
    const other = (text: string) => {
      unsaid.push(...answersTo(wire, text))
      sayAll()
      if (ready || wire.ready === null || !text.startsWith(wire.ready)) return
      ready = true
      this.#greet()
    }
    const frame = (bytes: Uint8Array, start: number, end: number) => {
      if (!beginsWith(bytes, start, end, message)) {
        other(new TextDecoder().decode(bytes.subarray(start, end)))
        return
      }
      heard++
      const at = markAt < 0 ? end + markAt : start + markAt
      if (bytes[at] === mark0 && bytes[at + 1] === mark1) own++
    }
    const text = (data: string) => {
      if (!data.startsWith(wire.message)) {
        other(data)
        return
      }
      heard++
      const at = markAt < 0 ? data.length + markAt : markAt
      if (data.charCodeAt(at) === mark0 && data.charCodeAt(at + 1) === mark1) own++
    }
    const member: Member = {
      attach: (opened) => {
        client = opened
        sayAll()
      },
      begin: () => send(inFlight),
      frame,
      text,
      idle: () => {
        if (this.#finishing) this.#checkFinished()
        else if (own > 0) send(own)
        own = 0
      },
    }
    this.#heard.push(() => heard)
    return member
  }

  #greet(): void {
    this.#greetings++
    if (this.#greetings === this.#plan.clients.length) this.#greeted.resolve()
  }

  #checkFinished(): void {
    const all = this.#heard.map((heard) => heard())
    const most = Math.max(...all)
    if (most > this.#sent) throw new Error(`a client has received ${most} messages of ${this.#sent}`)
    if (all.every((heard) => heard === this.#sent)) this.#finished.resolve()
  }
}

/** @throws Error where the server complains, with what it says */
function answersTo({ answers, complaint }: Wire, text: string): string[] {
  if (complaint !== null && text.includes(complaint)) throw new Error(`the server answered ${text}`)
  return answers.filter(({ to }) => text.startsWith(to)).map((answer) => answer.with)
}

function beginsWith(bytes: Uint8Array, start: number, end: number, beginning: Uint8Array): boolean {
  if (start + beginning.length > end) return false
  for (let i = 0; i < beginning.length; i++) if (bytes[start + i] !== beginning[i]) return false
  return true
}
