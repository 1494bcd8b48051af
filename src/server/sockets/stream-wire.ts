import { LOW_WATER } from './send-all.ts'
import type { Topics } from './topics.ts'
import type { Wire } from './wire.ts'

/** How frames are written into an answer that lasts. */
export interface StreamFormat {
  readonly contentType: string
  /** What the body begins with. */
  readonly start: string
  /** Returns a frame as it stands in the body. Called for each frame, in order. */
  frame(text: string): string
  /** Says nothing, and shows that the connection lives. */
  readonly ping: string
  /** Returns the end of the body. @param code as a socket would be closed with */
  end(code: number, reason: string): string
}

export interface StreamEvents {
  /** The client has taken what was sent, or some of it. */
  taken(): void
  /** Cuts the connection of a client that takes nothing. */
  cut(): void
  /** Called last, and once. */
  closed(): void
}

/** As a WebSocket tells it. */
const OPEN = 1
const CLOSED = 3
/** Characters that are handed to the socket at once: the rest stays here, where it is counted. */
const CHUNK = 65_536

/**
 * An answer over HTTP that lasts, as a transport of frames. What is sent waits here until Bun has written what came before, so the
 * length of the queue shows how far behind a client is.
 */
export class StreamWire implements Wire {
  readonly body: ReadableStream<Uint8Array>
  readonly #format: StreamFormat
  readonly #topics: Topics
  readonly #on: StreamEvents
  readonly #mostBytes: number
  readonly #joined = new Set<string>()
  #queue: string[] = []
  /** The characters in the queue. */
  #queued = 0
  /** Bun waits for something to write. */
  #reader: Reader | null = null
  #isFlushDue = false
  /** The end of the body is in the queue. */
  #ending = false
  #closed = false

  /** @param mostBytes waiting beyond which the connection is cut, whatever else becomes of slow readers */
  constructor(format: StreamFormat, topics: Topics, mostBytes: number, on: StreamEvents) {
    this.#format = format
    this.#topics = topics
    this.#mostBytes = mostBytes
    this.#on = on
    const source = {
      pull: (controller: Controller) => this.#pull(controller),
      cancel: () => this.gone(),
    }
    // Nothing is taken out of the queue before Bun asks.
    this.body = new ReadableStream<Uint8Array>(source, { highWaterMark: 0 })
    this.write(format.start)
  }

  get readyState(): number {
    return this.#ending || this.#closed ? CLOSED : OPEN
  }

  send(text: string): number {
    if (this.readyState === OPEN) this.write(this.#format.frame(text))
    return this.#queued > LOW_WATER ? -1 : 1
  }

  write(lines: string): void {
    if (this.readyState !== OPEN || lines === '') return
    this.#push(lines)
    if (this.#queued > this.#mostBytes) this.terminate()
  }

  subscribe(topic: string): void {
    this.#joined.add(topic)
    this.#topics.join(topic, this)
  }

  unsubscribe(topic: string): void {
    this.#joined.delete(topic)
    this.#topics.leave(topic, this)
  }

  /** Whatever is sent in one turn is written at once anyway. */
  cork(run: () => void): void {
    run()
  }

  close(code: number, reason: string): void {
    if (this.readyState !== OPEN) return
    this.#push(this.#format.end(code, reason))
    this.#ending = true
  }

  terminate(): void {
    if (this.#closed) return
    this.#drop()
    this.#on.cut()
    const reader = this.#reader
    this.#reader = null
    reader?.controller.close()
    reader?.done()
    this.gone()
  }

  getBufferedAmount(): number {
    return this.#queued
  }

  ping(): void {
    this.write(this.#format.ping)
  }

  /** The client sends nothing here, so there is nothing to stop reading. */
  pause(): void {
    // Nothing is read.
  }

  resume(): void {
    // Nothing is read.
  }

  /** The connection has ended. Idempotent. */
  gone(): void {
    if (this.#closed) return
    this.#closed = true
    this.#drop()
    this.#reader?.done()
    this.#reader = null
    for (const topic of this.#joined) this.#topics.leave(topic, this)
    this.#joined.clear()
    this.#on.closed()
  }

  #drop(): void {
    this.#queue = []
    this.#queued = 0
  }

  #push(lines: string): void {
    this.#queue.push(lines)
    this.#queued += lines.length
    if (this.#reader === null || this.#isFlushDue) return
    this.#isFlushDue = true
    // What is sent in the same turn goes along.
    queueMicrotask(() => {
      this.#isFlushDue = false
      this.#flush()
    })
  }

  /** Bun has written what it was given, and asks for more. */
  #pull(controller: Controller): Promise<void> | undefined {
    if (this.#closed) {
      controller.close()
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#reader = { controller, done: resolve }
    this.#on.taken()
    this.#flush()
    return promise
  }

  #flush(): void {
    const reader = this.#reader
    if (reader === null || this.#queue.length === 0) return
    this.#reader = null
    reader.controller.enqueue(encoder.encode(this.#take()))
    const isOver = this.#ending && this.#queue.length === 0
    if (isOver) reader.controller.close()
    reader.done()
    if (isOver) this.gone()
  }

  #take(): string {
    let [count, size] = [0, 0]
    while (count < this.#queue.length && size < CHUNK) size += this.#queue[count++]?.length ?? 0
    const text = this.#queue.slice(0, count).join('')
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count)
    this.#queued -= size
    return text
  }
}

interface Reader {
  readonly controller: Controller
  readonly done: () => void
}

type Controller = ReadableStreamDefaultController<Uint8Array>

const encoder = new TextEncoder()
