import type { UserRef } from '../../core/index.ts'
import type { ConnectionHost, Waiting } from './connection-host.ts'
import { framesFor } from './frame-batches.ts'
import { LOW_WATER } from './send-all.ts'
import { endedSession, type Session, type Speaker } from './session.ts'
import { Waiters } from './waiters.ts'
import type { Wire } from './wire.ts'

/** What Bun's `send` returns for a frame that waits in the socket's own buffer. */
const QUEUED = -1
/** The client read too slowly: it has everything up to some frame, and nothing after it. */
const CLOSE_TOO_SLOW = 4008

export type SessionFactory = (connection: Connection) => Session

/** One socket or stream, from handshake to close. There may be a hundred thousand, so it is kept small. */
export class Connection {
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
  /** Whether the client may be sent several frames in one, as a JSON array. Counts for the rooms that are joined afterwards. */
  takesBatches = false
  /** The key that the limit of connections counts by; set at the upgrade. */
  limitKey = ''
  #ws: Wire | null = null
  #host: ConnectionHost<Connection> | null = null
  #open = true
  #closing = false
  #session: Session
  #drained: Waiters | null = null
  /** Whether it was cut off because the client reads too slowly. */
  #tooSlow = false
  #later: string[] | null = null
  #speaker: Speaker | null

  /** @param speaker null if the client has yet to say who it is; only some contracts allow that */
  constructor(speaker: Speaker | null, factory: SessionFactory) {
    this.#speaker = speaker
    this.#session = factory(this)
  }

  get session(): Session {
    return this.#session
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

  /** Sends a frame without waiting. A client that does not read is cut off. */
  send(text: string): void {
    if (this.#open && !this.#closing && this.#ws?.send(text) === QUEUED) this.#host?.noteUnsent()
  }

  /** Writes lines of the transport's own beside the frames. Sockets have none, and drop them. */
  write(lines: string): void {
    if (this.#open && !this.#closing) this.#ws?.write?.(lines)
  }

  /** Takes the further frames of a batch that the client has sent. @returns false if it has sent too many, and is closed */
  takeBatch(further: number): boolean {
    return this.#host?.takeBatch(this, further) ?? false
  }

  /** Answers a frame that is refused. Closes the connection instead if too many of its frames were refused. */
  refuse(text: string): void {
    if (this.#host?.takeRefusal(this)) this.send(text)
  }

  /** Sends a frame at the end of this turn of the event loop, in one write with all others that were sent so. */
  sendLater(text: string): void {
    if (!this.#open) return
    if (this.#later === null) queueMicrotask(() => this.#sendNow())
    this.#later ??= []
    this.#later.push(text)
  }

  #sendNow(): void {
    const texts = this.#later ?? []
    this.#later = null
    if (this.#open) this.#ws?.cork(() => this.sendTogether(texts))
  }

  /** Sends frames that belong together, without waiting. */
  sendTogether(texts: readonly string[]): void {
    for (const text of framesFor(this, texts)) this.send(text)
  }

  subscribe(topic: string): void {
    if (this.#open && !this.#closing) this.#ws?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    if (this.#open) this.#ws?.unsubscribe(topic)
  }

  /** A client that was cut off gets no more of what is left for it. @param code 1000 to 1015 as in RFC 6455; 4000 and up are the contract's */
  close(code: number, reason: string): void {
    if (this.#tooSlow) this.terminate()
    if (this.#ws === null || this.#closing) return
    this.#closing = true
    this.#ws.close(code, reason)
  }

  /** @internal Sends some frames of many in one write; who calls it keeps the pace. @returns false if the client is gone */
  sendSome(run: (send: (text: string) => void) => void): boolean {
    const ws = this.#ws
    if (!this.#open || ws === null) return false
    const texts: string[] = []
    run((text) => void texts.push(text))
    ws.cork(() => framesFor(this, texts).forEach((text) => void ws.send(text)))
    return true
  }

  /**
   * Runs the function in the same tick in which the client has taken nearly all that it was sent; never if the client is gone. For
   * large sends that may be due many times at once: the other waiters then wait on.
   */
  async whenDrained(run: () => void): Promise<void> {
    while (this.#open && this.isFull) await this.drained()
    if (this.#open) run()
  }

  /** Resolves when the client has taken nearly all that it was sent, or is gone. Others wait for the same, and may have sent since. */
  async drained(): Promise<void> {
    while (this.#open && this.isFull) {
      this.#drained ??= new Waiters()
      await this.#drained.wait()
    }
  }

  get isFull(): boolean {
    return this.unsent >= LOW_WATER
  }

  /** @internal for the transports */
  attach(ws: Wire, now: number, host: ConnectionHost<Connection>): void {
    this.#ws = ws
    this.#host = host
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

  /** @internal Bytes that were sent and that the client has yet to take. */
  get unsent(): number {
    return this.#ws?.getBufferedAmount() ?? 0
  }

  /**
   * @internal Ends the session of a client that reads too slowly, without a gap: nothing is sent any more, and once the client has
   * taken all that was sent before, the close frame says why. If it has not by the deadline, the connection is cut.
   * @param deadline in the clock's ticks
   */
  cutOff(deadline: number): void {
    if (!this.#open || this.#closing) return
    this.#closing = true
    this.#tooSlow = true
    this.expiresAt = deadline
    // First, so that it leaves its rooms' topics while it counts as open.
    this.#endSession()
    this.#open = false
    this.#drained?.release()
  }

  /** @internal */
  onDrain(): void {
    if (this.#tooSlow && this.unsent === 0) this.#ws?.close(CLOSE_TOO_SLOW, 'the client reads too slowly')
    if (!this.isFull) this.#drained?.release()
  }

  /** @internal */
  onClose(): void {
    this.#open = false
    this.#endSession()
    this.#drained?.release()
  }

  /** Idempotent. What is still called on the session afterwards does nothing. */
  #endSession(): void {
    const session = this.#session
    this.#session = endedSession
    session.closed()
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
    if (this.#closing) return
    this.expiresAt = now + (this.#speaker?.expiresInMs ?? Number.POSITIVE_INFINITY)
  }

  /** @internal Cuts the connection without a closing handshake, for peers that do not answer. */
  terminate(): void {
    if (this.#ws === null) return
    this.#closing = true
    this.#ws.terminate()
  }
}
