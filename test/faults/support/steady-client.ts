import { Revised, Sent, type ServerFrame, type Subscribed } from '../../../src/api/v2/wire/index.ts'
import { exactly } from '../../api/v2/support/exact-shape.ts'
import { Replica } from '../../proofs/replica.ts'
import type { Person } from './people.ts'
import type { Change, Sending } from './sending.ts'
import { type Answer, type Request, Visit } from './visit.ts'

export interface SteadyClientOptions {
  /** Returns the node to connect to; called for each attempt. */
  place(): string
  /** Called for every frame, with the client that received it. */
  frame?: (frame: ServerFrame, who: Person) => void
  /** The longest pause between two attempts to connect, in milliseconds; real clients use a minute. */
  mostPauseMs?: number
}

/** Of a cluster. */
const NODES = 2

const sent = exactly(Sent)
const revised = exactly(Revised)

/**
 * A client that follows the contract under all faults: it reconnects by the rules, resumes each room from its position, and
 * retries messages without a response with the same `client_id`. It records what it sent, what was acknowledged and what it holds.
 */
export class SteadyClient {
  readonly who: Person
  readonly sendings: Sending[] = []
  /** One per connection, the present one last. */
  readonly visits: Visit[] = []
  readonly rooms = new Map<number, Replica>()
  readonly #problems: string[] = []
  readonly #options: SteadyClientOptions
  /** Messages without a response, oldest first. */
  readonly #outbox = new Set<Sending>()
  readonly #live = new Set<number>()
  /** For each room, how many snapshots it may get after a rewritten history. */
  readonly #mayBeginAnew = new Map<number, number>()
  /** For each room, the mark of the history that came with its position. */
  readonly #epochs = new Map<number, string>()
  #epoch: string | undefined
  readonly #typing = new Map<number, number>()
  #visit: Visit | null = null
  #identified = false
  #heartbeatMs = 2500
  #failures = 0
  #acknowledged = 0
  #stopped = false
  #away = false
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #watch: ReturnType<typeof setInterval>

  constructor(who: Person, rooms: readonly number[], options: SteadyClientOptions) {
    this.who = who
    this.#options = options
    for (const room of rooms) this.rooms.set(room, new Replica(room))
    this.#watch = setInterval(() => this.#leaveTheDead(), 500)
    this.#connect()
  }

  get problems(): string[] {
    return [...this.#problems, ...this.visits.flatMap((visit) => visit.problems)]
  }

  /** Messages that have been acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The latest mark of the history from the present connection. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  /** Returns the number of messages without a response. */
  get waiting(): number {
    return this.#outbox.size
  }

  /** Whether any message or change has no response yet. */
  get busy(): boolean {
    return this.#outbox.size > 0 || (this.#visit?.unanswered ?? 0) > 0
  }

  /** Whether all of its rooms are live. */
  get live(): boolean {
    return this.#live.size === this.rooms.size
  }

  /** How often it received that a user is typing. */
  typingHeard(user: number): number {
    return this.#typing.get(user) ?? 0
  }

  /** The address that it is connected to. */
  get url(): string | null {
    return this.#identified ? (this.#visit?.url ?? null) : null
  }

  say(room: number, body: string): Sending {
    const sending: Sending = {
      room,
      sender: this.who.id,
      clientId: `${Date.now().toString(36)}-${crypto.randomUUID()}`,
      body,
      startedAt: performance.now(),
      attempts: 0,
      acks: [],
      lost: [],
      refusals: [],
      ackedAfterMs: null,
      change: null,
    }
    this.sendings.push(sending)
    this.#outbox.add(sending)
    if (this.#visit !== null && this.#identified) void this.#attempt(this.#visit, sending)
    return sending
  }

  /**
   * The database has lost its latest changes, and has these messages now. Acknowledged messages that are not among them are no longer
   * expected; each room may start again from a snapshot, once per node.
   */
  tailLost(isStored: (sending: Sending) => boolean): number {
    const gone = this.sendings.filter((sending) => sending.acks.length > 0 && !isStored(sending))
    for (const { acks, lost } of gone) lost.push(...acks.splice(0))
    // An acknowledged change may also be lost, or still happen.
    for (const { change } of this.sendings) if (change !== null) change.version = null
    for (const room of this.rooms.keys()) this.#mayBeginAnew.set(room, NODES)
    return gone.length
  }

  /** Sends it again with the same key, although it has been acknowledged. */
  async repeat(sending: Sending): Promise<void> {
    const { room, body, clientId } = sending
    this.#noteAck(sending, await this.ask({ type: 'send', room, body, client_id: clientId }))
  }

  /** Requested once, because there is no key for a retry. */
  async change(sending: Sending, kind: Change['kind']): Promise<void> {
    const [ack] = sending.acks
    if (ack === undefined || sending.change !== null) return
    const change: Change = { kind, version: null }
    sending.change = change
    const place = { room: sending.room, seq: ack.seq }
    const answer = await this.ask(
      kind === 'edit'
        ? { type: 'edit', ...place, body: `${sending.body}, or rather` }
        : { type: 'delete', ...place },
    )
    if (answer?.type === 'result') change.version = revised.parse(answer.data).version
    else if (answer?.type === 'error' && !answer.retryable) this.#object(`a change was refused`, answer)
  }

  /** Makes an extra request; null if there is no connection, or it ended before the response. */
  ask(request: Request): Promise<Answer | null> {
    return this.#visit !== null && this.#identified ? this.#visit.ask(request) : Promise.resolve(null)
  }

  /** Cuts its connection, and does not reconnect by itself. */
  leave(): void {
    this.#away = true
    this.#visit?.abandon()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  comeBack(): void {
    this.#away = false
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#watch)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#visit?.close()
  }

  #connect(): void {
    const headers = { 'user-agent': 'steady' }
    const visit: Visit = new Visit(`${this.#options.place()}/api/v2/socket`, headers, {
      frame: (frame) => this.#take(visit, frame),
      ended: () => this.#ended(visit),
    })
    this.#visit = visit
    this.visits.push(visit)
  }

  #take(visit: Visit, frame: ServerFrame): void {
    this.#options.frame?.(frame, this.who)
    if (frame.type === 'hello') {
      this.#heartbeatMs = frame.heartbeat_ms
      this.#epoch = frame.epoch
      void this.#arrive(visit)
    }
    for (const replica of this.rooms.values()) replica.take(frame)
    if (frame.type === 'live') this.#live.add(frame.room)
    if (frame.type === 'heartbeat') {
      this.#epoch = frame.epoch
      for (const room of this.#live) this.#keepEpoch(room)
    }
    if (frame.type === 'typing' && frame.typing)
      this.#typing.set(frame.user.id, this.typingHeard(frame.user.id) + 1)
    if (frame.type !== 'unsubscribed') return
    this.#live.delete(frame.room)
    if (frame.reason === 'try_again') this.#later(visit, 200, () => this.#subscribe(visit, frame.room))
    else this.#object('a subscription was ended', frame)
  }

  async #arrive(visit: Visit): Promise<void> {
    const answer = await visit.ask({ type: 'auth', token: this.who.token })
    if (answer?.type === 'error') {
      if (answer.retryable) this.#later(visit, answer.retry_after_ms, () => this.#arrive(visit))
      else this.#object('the token was refused', answer)
    }
    if (answer?.type !== 'result') return
    this.#identified = true
    this.#failures = 0
    for (const room of this.rooms.keys()) void this.#subscribe(visit, room)
    for (const sending of this.#outbox) void this.#attempt(visit, sending)
  }

  async #subscribe(visit: Visit, room: number): Promise<void> {
    const after = this.rooms.get(room)?.position ?? 0
    const epoch = this.#epochs.get(room)
    const told = epoch === undefined ? {} : { epoch }
    const answer = await visit.ask({ type: 'subscribe', room, after, ...told })
    if (answer?.type === 'error') {
      if (answer.retryable) this.#later(visit, answer.retry_after_ms, () => this.#subscribe(visit, room))
      else this.#object('a subscription was refused', answer)
    }
    if (answer?.type !== 'result') return
    const { data } = answer
    this.#keepEpoch(room)
    if (!isSubscribed(data)) this.#object('no answer to a subscription', answer)
    else if (data.mode !== 'snapshot') return
    else if (data.reset !== true || !this.#beginsAnew(room))
      this.#object(`after ${after} is not known`, answer)
  }

  /** A client that has seen lost changes starts again from a snapshot; once more if its node did not know of the loss yet. */
  #beginsAnew(room: number): boolean {
    const left = this.#mayBeginAnew.get(room) ?? 0
    this.#mayBeginAnew.set(room, left - 1)
    return left > 0
  }

  #keepEpoch(room: number): void {
    if (this.#epoch !== undefined) this.#epochs.set(room, this.#epoch)
  }

  async #attempt(visit: Visit, sending: Sending): Promise<void> {
    sending.attempts++
    const { room, body, clientId } = sending
    const answer = await visit.ask({ type: 'send', room, body, client_id: clientId })
    if (this.#noteAck(sending, answer)) {
      this.#outbox.delete(sending)
      sending.ackedAfterMs ??= performance.now() - sending.startedAt
    } else if (answer?.type === 'error') {
      sending.refusals.push(answer)
      if (answer.retryable) this.#later(visit, answer.retry_after_ms, () => this.#attempt(visit, sending))
      else this.#giveUp(sending, answer)
    }
  }

  #giveUp(sending: Sending, answer: Answer): void {
    this.#outbox.delete(sending)
    this.#object('a message was refused for good', answer)
  }

  #noteAck(sending: Sending, answer: Answer | null): boolean {
    if (answer?.type !== 'result') return false
    if (sending.acks.push(sent.parse(answer.data)) === 1) this.#acknowledged++
    return true
  }

  /** Only while the visit lasts; otherwise the next visit does the rest. */
  #later(visit: Visit, ms: number, run: () => Promise<void>): void {
    const pause = Math.max(20, ms) * (1 + Math.random() / 2)
    setTimeout(() => {
      if (visit.open) void run()
    }, pause)
  }

  /** By the contract, a server that is silent for two heartbeats is dead, whatever the state of the socket. */
  #leaveTheDead(): void {
    if (this.#visit?.open === true && this.#visit.silentMs > 2 * this.#heartbeatMs) this.#visit.abandon()
  }

  #ended(visit: Visit): void {
    if (this.#visit !== visit) return
    this.#visit = null
    this.#identified = false
    this.#live.clear()
    if (this.#stopped || this.#away) return
    if (visit.code !== null && isFinal(visit.code)) {
      this.#object('the connection was ended for good', visit.code)
      return
    }
    const { mostPauseMs = 1000 } = this.#options
    const pause = Math.random() * Math.min(mostPauseMs, 50 * 2 ** this.#failures++)
    this.#timer = setTimeout(() => this.#connect(), visit.goingAwayMs ?? pause)
  }

  #object(what: string, why: unknown): void {
    this.#problems.push(`${what}: ${JSON.stringify(why)}`)
  }
}

function isSubscribed(data: object): data is Subscribed {
  return 'mode' in data
}

/** The close codes of the contract after which a client does not reconnect with the same token. */
function isFinal(code: number): boolean {
  return [1002, 1003, 1007, 1008, 1009].includes(code) || (code >= 4500 && code <= 4999)
}
