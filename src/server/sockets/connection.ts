import type { ServerWebSocket } from 'bun'
import type { UserRef } from '../../core/index.ts'
import type { Session, Speaker } from './session.ts'

/** A client with fewer unsent bytes than this counts as keeping up. */
const LOW_WATER = 65_536
/** The most frames in one write of a replay. A write has little more text than the low water mark, so it never fills a slow client's queue. */
const PIECE_FRAMES = 64

export type SessionFactory = (connection: Connection) => Session

/** Limits how many frames of a peer may be refused. */
export interface RefusalBudget {
  /** Takes one refusal. @returns false if it was one too many; the connection is then closed */
  takeRefusal(connection: Connection): boolean
}

/** Frames that were received and not yet handled. */
export interface Waiting {
  /** In the order received; null stands for a binary frame. */
  readonly frames: (string | null)[]
  /** The index of the first frame that is not handled. */
  at: number
  /** Whether the peer has gone: the connection ends once the frames are handled. */
  isLast: boolean
}

/** One socket, from handshake to close. It is the socket's `data`. There may be a hundred thousand, so it is kept small. */
export class Connection {
  readonly session: Session
  /** In the clock's ticks: when the peer was last heard. */
  lastHeard = 0
  /** In the clock's ticks: when it last had a beat. */
  lastBeat = 0
  /** In the clock's ticks: when its session expires. */
  expiresAt = Number.POSITIVE_INFINITY
  /** In the clock's ticks: when the peer's buckets of frames and of refusals are full again. */
  framesFullAt = 0
  refusalsFullAt = 0
  /** @internal for the inbox; null unless frames wait, which is rare */
  waiting: Waiting | null = null
  /** The key that the limit of connections counts by; set at the upgrade. */
  limitKey = ''
  #ws: ServerWebSocket<Connection> | null = null
  #budget: RefusalBudget | null = null
  #open = true
  #closing = false
  #drained: (() => void)[] | null = null
  #later: string[] | null = null
  #speaker: Speaker | null

  /** @param speaker null if the client has yet to say who it is; only some contracts allow that */
  constructor(speaker: Speaker | null, factory: SessionFactory) {
    this.#speaker = speaker
    this.session = factory(this)
  }

  /** @throws if the user is not known yet: contracts that allow that check `speaker` first */
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

  /** Whether this side has closed it; frames received before are then no longer handled. */
  get closing(): boolean {
    return this.#closing
  }

  /** Sends a frame without waiting. The socket's own limit closes a client that does not read. */
  send(text: string): void {
    if (this.#open) this.#ws?.send(text)
  }

  /** Answers a frame that is refused. Closes the connection instead if too many of its frames were refused. */
  refuse(text: string): void {
    if (this.#budget?.takeRefusal(this)) this.send(text)
  }

  /** Sends a frame at the end of this turn of the event loop, in one write with all others that were sent so. */
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

  /** @param code 1000 to 1015 as in RFC 6455; 4000 and up are the contract's */
  close(code: number, reason: string): void {
    if (this.#ws === null || this.#closing) return
    this.#closing = true
    this.#ws.close(code, reason)
  }

  /**
   * Sends many frames no faster than the client takes them, so that few bytes are buffered. Each frame is made only when it is sent,
   * since the thing may have changed by then. Stops if the client is gone.
   * @param frameOf returns null for a thing that is not shown
   * @param wanted asked before each write; false stops
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
      // One write per piece.
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
   * Runs the function in the same tick in which the client has taken nearly all that it was sent; never if the client is gone. For
   * large sends that may be due many times at once: the other waiters then wait on.
   */
  async whenDrained(run: () => void): Promise<void> {
    while (this.#open && this.#isFull()) await this.#drain()
    if (this.#open) run()
  }

  /** Resolves when the client has taken nearly all that it was sent, or is gone. */
  async drained(): Promise<void> {
    while (this.#open && this.#isFull()) await this.#drain()
  }

  #isFull(): boolean {
    return this.#ws !== null && this.#ws.getBufferedAmount() >= LOW_WATER
  }

  /** Resolves when fewer bytes may be buffered, or the client is gone. Check again: others wait for the same and may have sent. */
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

  /** @internal Sets the speaker; call `Connections.identify` instead. */
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

  /** @internal Runs the function and sends its frames in one write, or drops them if the peer has gone. */
  cork(run: () => void): void {
    if (this.#ws === null || this.#ws.readyState !== WebSocket.OPEN) run()
    else this.#ws.cork(run)
  }

  /** @internal Stops reading, which puts back-pressure on the peer. */
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

  /** @internal Cuts the connection without a closing handshake, for peers that do not answer. */
  terminate(): void {
    if (this.#ws === null) return
    this.#closing = true
    this.#ws.terminate()
  }
}
