import { type ClientFrame, ServerFrame } from '../../../src/api/v2/wire/index.ts'
import { exactly } from '../../api/v2/support/exact-shape.ts'
import { RoomOrder } from '../../api/v2/support/room-order.ts'

export type Answer = Extract<ServerFrame, { type: 'result' | 'error' }>
export type Request = WithoutId<ClientFrame>

export interface VisitHandlers {
  frame(frame: ServerFrame): void
  /** Called once at the end, in whatever way it ended; nothing follows. */
  ended(): void
}

const shape = exactly(ServerFrame)

/** One connection, from its handshake to its end, which reports every violation of the contract. */
export class Visit {
  readonly url: string
  /** In `performance.now()`. */
  readonly openedAt = performance.now()
  endedAt: number | null = null
  /** null while it is open, and if the client left without a closing handshake. */
  code: number | null = null
  goingAwayMs: number | null = null
  #heardAt = performance.now()
  readonly #socket: WebSocket
  readonly #handlers: VisitHandlers
  readonly #order = new RoomOrder()
  readonly #asked = new Map<number, (answer: Answer | null) => void>()
  #requests = 0

  constructor(url: string, headers: Record<string, string>, handlers: VisitHandlers) {
    this.url = url
    this.#handlers = handlers
    this.#socket = new WebSocket(url, { headers })
    this.#socket.onmessage = ({ data }) => this.#take(String(data))
    this.#socket.onclose = ({ code }) => this.#end(code)
    this.#socket.onerror = () => undefined
  }

  get open(): boolean {
    return this.endedAt === null
  }

  get problems(): readonly string[] {
    return this.#order.problems
  }

  /** Requests without a response. */
  get unanswered(): number {
    return this.#asked.size
  }

  /** Milliseconds since anything has arrived. */
  get silentMs(): number {
    return performance.now() - this.#heardAt
  }

  /** Resolves to null if the connection ended without a response. */
  ask(request: Request): Promise<Answer | null> {
    if (!this.open || this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve(null)
    const id = ++this.#requests
    const frame = { ...request, id }
    this.#order.asked(frame)
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.#socket.send(JSON.stringify(frame))
    })
  }

  close(): void {
    this.#socket.close(1000)
  }

  /** Leaves at once, without a closing handshake, because the server may be dead. */
  abandon(): void {
    this.#socket.terminate()
    this.#end(null)
  }

  #take(text: string): void {
    if (!this.open) return
    this.#heardAt = performance.now()
    try {
      const frame = shape.parse(JSON.parse(text))
      this.#order.took(frame)
      if (frame.type === 'going_away') this.goingAwayMs = frame.reconnect_after_ms
      this.#handlers.frame(frame)
      if ((frame.type === 'result' || frame.type === 'error') && typeof frame.id === 'number') {
        this.#asked.get(frame.id)?.(frame)
        this.#asked.delete(frame.id)
      }
    } catch (error) {
      this.#order.problems.push(`${error}`)
    }
  }

  #end(code: number | null): void {
    if (!this.open) return
    this.endedAt = performance.now()
    this.code = code
    this.#handlers.ended()
    for (const answer of this.#asked.values()) answer(null)
    this.#asked.clear()
  }
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
