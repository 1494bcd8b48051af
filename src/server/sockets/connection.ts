import type { ServerWebSocket } from 'bun'
import type { UserRef } from '../../core/index.ts'
import type { Session, Speaker } from './session.ts'

/** Bytes on their way to a client below which it counts as keeping up. */
const LOW_WATER = 65_536
/** Frames in one write of many, which has not much more text than the low water mark: it must never fill a slow client's queue. */
const PIECE_FRAMES = 64

export type SessionFactory = (connection: Connection) => Session

/** How much of what a peer sends may be refused. */
export interface RefusalBudget {
  /** Takes a refusal. @returns false when it was one too many, and the connection is closed */
  refused(connection: Connection): boolean
}

/** Frames that came in and were not handled yet. */
export interface Waiting {
  /** In the order in which they came; null is a binary one. */
  readonly frames: (string | null)[]
  /** The first that was not handled. */
  at: number
  /** The peer has gone: the connection ends once they are handled. */
  isLast: boolean
}

/** One socket, from handshake to close. It is the socket's `data`, so it is kept small: there may be a hundred thousand. */
export class Connection {
  readonly session: Session
  /** In the clock's ticks: when the peer was last heard. */
  lastHeard = 0
  /** In the clock's ticks: when it last had a beat. */
  lastBeat = 0
  /** In the clock's ticks: when its token ends. */
  expiresAt = Number.POSITIVE_INFINITY
  /** In the clock's ticks: when all that the peer may send, and have refused, is there again. */
  framesFullAt = 0
  refusalsFullAt = 0
  /** @internal for the inbox; null for nearly all, nearly always */
  waiting: Waiting | null = null
  /** What the limit of connections counts by; set at the upgrade. */
  limitKey = ''
  #ws: ServerWebSocket<Connection> | null = null
  #budget: RefusalBudget | null = null
  #open = true
  #closing = false
  #drained: (() => void)[] | null = null
  #later: string[] | null = null
  #speaker: Speaker | null

  /** @param speaker null where the client has yet to say who it is, to a contract that lets it */
  constructor(speaker: Speaker | null, factory: SessionFactory) {
    this.#speaker = speaker
    this.session = factory(this)
  }

  /** @throws where nobody is named yet: a contract that allows that asks `speaker` first */
  get user(): UserRef {
    if (this.#speaker === null) throw new Error('nobody has been named yet')
    return this.#speaker.user
  }

  get speaker(): Speaker | null {
    return this.#speaker
  }

  get alive(): boolean {
    return this.#open
  }

  /** Whether this side has closed it: nothing that came before is handled any more. */
  get closing(): boolean {
    return this.#closing
  }

  /** A client that does not take what it is sent is closed by the socket's own limit; nobody waits for it. */
  send(text: string): void {
    if (this.#open) this.#ws?.send(text)
  }

  /** Answers what the peer should not have sent. One of which too much is refused so is closed instead. */
  refuse(text: string): void {
    if (this.#budget?.refused(this)) this.send(text)
  }

  /** At the end of this turn of the event loop, in one write with whatever else is sent so: for what comes many at once. */
  sendLater(text: string): void {
    if (!this.#open) return
    if (this.#later !== null) {
      this.#later.push(text)
      return
    }
    this.#later = [text]
    queueMicrotask(() => this.#sendNow())
  }

  #sendNow(): void {
    const [ws, texts] = [this.#ws, this.#later ?? []]
    this.#later = null
    if (!this.#open || ws === null) return
    if (texts.length === 1) ws.send(texts[0] ?? '')
    else ws.cork(() => texts.forEach((text) => void ws.send(text)))
  }

  subscribe(topic: string): void {
    if (this.#open) this.#ws?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    if (this.#open) this.#ws?.unsubscribe(topic)
  }

  /** @param code see the contract; 1000 to 1015 as RFC 6455 has them, 4000 and up the application's */
  close(code: number, reason: string): void {
    if (this.#ws === null || this.#closing) return
    this.#closing = true
    this.#ws.close(code, reason)
  }

  /**
   * Sends many frames no faster than the client takes them, so that what waits stays small. Each is made only when it is sent:
   * by then a thing may look different. Stops where the client is gone.
   * @param frameOf null for what is not shown
   * @param wanted asked before each write whether the rest is still to be sent
   * @returns how many of the things were sent
   */
  async sendAll<T>(
    things: readonly T[],
    frameOf: (thing: T) => string | null,
    wanted: () => boolean = () => true,
  ): Promise<number> {
    let sent = 0
    while (sent < things.length) {
      const ws = this.#ws
      if (!this.#open || ws === null) return sent
      if (this.#isFull()) {
        await this.#drain()
        continue
      }
      if (!wanted()) return sent
      // One write for a piece.
      ws.cork(() => {
        const end = Math.min(sent + PIECE_FRAMES, things.length)
        for (let text = 0; sent < end && text < LOW_WATER / 4; sent++) {
          const thing = things[sent]
          const frame = thing === undefined ? null : frameOf(thing)
          if (frame === null) continue
          ws.send(frame)
          text += frame.length
        }
      })
    }
    await this.drained()
    return sent
  }

  /**
   * Runs it in the very tick in which the client has taken nearly all that it was sent; not where it is gone. For sending what
   * is large and may be due many times at once: whoever else waits for that waits on.
   */
  async whenDrained(run: () => void): Promise<void> {
    while (this.#open && this.#isFull()) await this.#drain()
    if (this.#open) run()
  }

  /** Resolves when the client has taken nearly all that it was sent, or is gone. For long replays. */
  async drained(): Promise<void> {
    while (this.#open && this.#isFull()) await this.#drain()
  }

  #isFull(): boolean {
    return this.#ws !== null && this.#ws.getBufferedAmount() >= LOW_WATER
  }

  /** Resolves when it may have become less, or the client is gone: to be looked at again, since others wait for the same. */
  #drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained ??= []
      this.#drained.push(resolve)
    })
  }

  /** @internal for the socket handlers */
  attach(ws: ServerWebSocket<Connection>, now: number, budget: RefusalBudget): void {
    this.#ws = ws
    this.#budget = budget
    this.lastHeard = now
    this.lastBeat = now
    this.#expire(now)
    this.session.opened()
  }

  /** @internal Whoever it was before; `Connections.identify` is how it is done. */
  become(speaker: Speaker, now: number): void {
    this.#speaker = speaker
    this.#expire(now)
  }

  /** @internal */
  onDrain(): void {
    if (this.#drained === null || this.#isFull()) return
    const waiters = this.#drained
    this.#drained = null
    for (const resolve of waiters) resolve()
  }

  /** @internal */
  onClose(): void {
    this.#open = false
    const waiters = this.#drained
    this.#drained = null
    this.session.closed()
    for (const resolve of waiters ?? []) resolve()
  }

  /** @internal */
  ping(): void {
    this.#ws?.ping()
  }

  /** @internal Runs it, and sends in one write what it sends to the peer; to one that has gone it sends nothing. */
  cork(run: () => void): void {
    if (this.#ws === null || this.#ws.readyState !== WebSocket.OPEN) run()
    else this.#ws.cork(run)
  }

  /** @internal Stops reading: the peer feels it as back-pressure. */
  pause(): void {
    this.#ws?.pause()
  }

  /** @internal */
  resume(): void {
    this.#ws?.resume()
  }

  #expire(now: number): void {
    this.expiresAt = now + (this.#speaker?.expiresInMs ?? Number.POSITIVE_INFINITY)
  }

  /** @internal Cuts the connection without a closing handshake: for peers that do not answer. */
  terminate(): void {
    if (this.#ws === null) return
    this.#closing = true
    this.#ws.terminate()
  }
}
