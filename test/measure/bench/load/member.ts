import type { LoadClient } from './client.ts'
import { Order } from './order.ts'
import { PartReader } from './parts.ts'
import type { Wire } from './wire.ts'

export interface MemberOptions {
  readonly wire: Wire
  /** The sender's mark in its own messages. */
  readonly mark: string
  /** Own messages that it keeps on their way. */
  readonly inFlight: number
  /** Whether each number is looked at, and not only the last of what came at once. */
  readonly sampled: boolean
  sending(count: number): void
  /** It misses no message from now on. */
  ready(): void
  /** Whether it shall send another message for each of its own that has come. */
  goesOn(): boolean
}

/** One client of a load: counts what it receives, and sends as many messages as it has received of its own. */
export class Member {
  readonly #options: MemberOptions
  readonly #message: Uint8Array
  readonly #answer: Uint8Array | null
  readonly #markAt: number
  readonly #mark0: number
  readonly #mark1: number
  readonly #sampled: boolean
  readonly #order: Order | null
  /** What is to be said as soon as there is a connection: a frame may come before it is attached. */
  readonly #unsaid: string[] = []
  readonly #parts: PartReader
  #client: LoadClient | null = null
  #heard = 0
  #answered = 0
  #sent = 0
  /** Own messages that have come since the last idle moment. */
  #own = 0
  #isReady = false
  /** The last message of what came at once, if its number is yet to be looked at. */
  #last: { readonly bytes: Uint8Array; start: number; end: number } | null = null

  constructor(options: MemberOptions) {
    const { hello, message, answer, number, parts, markAt } = options.wire
    const encoder = new TextEncoder()
    this.#options = options
    this.#message = encoder.encode(message)
    this.#answer = answer === null ? null : encoder.encode(answer)
    this.#markAt = markAt
    this.#mark0 = options.mark.charCodeAt(0)
    this.#mark1 = options.mark.charCodeAt(1)
    this.#sampled = options.sampled
    this.#order = number === null ? null : new Order(number)
    this.#parts = new PartReader(parts, (bytes, start, end) => this.#take(bytes, start, end))
    if (hello !== null) this.#unsaid.push(hello)
  }

  /** Messages received so far. */
  get heard(): number {
    return this.#heard
  }

  /** Whether each of its own messages has been answered, if this server answers them. */
  get isAnswered(): boolean {
    return this.#answer === null || this.#answered === this.#sent
  }

  attach(client: LoadClient): void {
    this.#client = client
    this.#sayAll()
  }

  /** Sends its first messages. */
  begin(): void {
    this.#send(this.#options.inFlight)
  }

  /** A text frame's payload. */
  frame(bytes: Uint8Array, start: number, end: number): void {
    this.#parts.read(bytes, start, end)
  }

  /** The same as text. */
  text(data: string): void {
    const { message, markAt, parts } = this.#options.wire
    if (parts !== 'one' || this.#order !== null || this.#answer !== null) {
      const bytes = new TextEncoder().encode(data)
      this.frame(bytes, 0, bytes.length)
    } else if (data.startsWith(message)) {
      this.#heard++
      const at = markAt < 0 ? data.length + markAt : markAt
      this.#count(data.charCodeAt(at), data.charCodeAt(at + 1))
    } else this.#other(data)
  }

  /** All that came at once has been handed over. */
  idle(): void {
    if (this.#last !== null) {
      this.#order?.note(this.#last.bytes, this.#last.start, this.#last.end)
      this.#last = null
    }
    const own = this.#own
    this.#own = 0
    if (this.#options.goesOn() && own > 0) this.#send(own)
  }

  /** @throws Error if it lacks a number between the first and the last that it has received */
  expectAllNumbers(): void {
    if (this.#order !== null && this.#order.span !== this.#heard) {
      throw new Error(`a client has received ${this.#heard} messages with ${this.#order.span} numbers`)
    }
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    if (begins(bytes, start, end, this.#message)) {
      this.#heard++
      if (this.#order !== null) this.#note(this.#order, bytes, start, end)
      const at = this.#markAt < 0 ? end + this.#markAt : start + this.#markAt
      this.#count(bytes[at], bytes[at + 1])
    } else if (this.#answer !== null && begins(bytes, start, end, this.#answer)) this.#answered++
    else this.#other(new TextDecoder().decode(bytes.subarray(start, end)))
  }

  #note(order: Order, bytes: Uint8Array, start: number, end: number): void {
    if (this.#sampled) order.noteNext(bytes, start, end)
    else if (this.#heard === 1) order.note(bytes, start, end)
    else if (this.#last?.bytes === bytes) {
      this.#last.start = start
      this.#last.end = end
    } else this.#last = { bytes, start, end }
  }

  #count(mark0: number | undefined, mark1: number | undefined): void {
    if (mark0 === this.#mark0 && mark1 === this.#mark1) this.#own++
  }

  /** @throws Error if the server complains, with what it says */
  #other(text: string): void {
    const { answers, complaint, ready } = this.#options.wire
    if (complaint !== null && text.includes(complaint)) throw new Error(`the server answered ${text}`)
    for (const answer of answers) if (text.startsWith(answer.to)) this.#unsaid.push(answer.with)
    this.#sayAll()
    if (this.#isReady || ready === null || !text.startsWith(ready)) return
    this.#isReady = true
    this.#options.ready()
  }

  #sayAll(): void {
    const to = this.#client
    if (to !== null) for (const text of this.#unsaid.splice(0)) to.say(text)
  }

  #send(count: number): void {
    this.#sent += count
    this.#options.sending(count)
    this.#client?.send(count)
  }
}

function begins(bytes: Uint8Array, start: number, end: number, beginning: Uint8Array): boolean {
  if (start + beginning.length > end) return false
  for (let i = 0; i < beginning.length; i++) if (bytes[start + i] !== beginning[i]) return false
  return true
}
