import type { Static, TSchema } from '@sinclair/typebox'
import { type ClientFrame, ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import type { TestApp } from '../../../support/app.ts'
import type { Closed } from '../../support/socket.ts'
import { exactly } from './exact-shape.ts'
import type { Person } from './people.ts'
import { RoomOrder } from './room-order.ts'

type Type = ServerFrame['type']
export type Frame<T extends Type = Type> = OfType<ServerFrame, T>
export type Answer = Frame<'result' | 'error'>

const shape = exactly(ServerFrame)

/** A client of the v2 socket that keeps what comes, and finds fault with it: see `problems`. */
export class V2Client {
  readonly frames: Frame[] = []
  /** The text frames, as they came; a batch is one. */
  readonly texts: string[] = []
  readonly closed: Promise<Closed>
  readonly #socket: WebSocket
  readonly #order = new RoomOrder()
  #over: Closed | null = null
  #requests = 0
  #wake: (() => void)[] = []

  constructor(url: string, headers: Record<string, string> = {}) {
    const closed = Promise.withResolvers<Closed>()
    this.closed = closed.promise
    this.#socket = new WebSocket(url, { headers })
    this.#socket.onmessage = ({ data }) => {
      this.#take(String(data))
      this.#changed()
    }
    this.#socket.onclose = ({ code, reason }) => {
      this.#over = { code, reason }
      closed.resolve(this.#over)
      this.#changed()
    }
  }

  /** Frames of no shape of the wire, and what is out of its place: a test ends with none. */
  get problems(): readonly string[] {
    return this.#order.problems
  }

  /** Requests with an id that have no answer. */
  get unanswered(): number {
    return this.#order.open
  }

  /** Up to which number of the room everything has come. */
  positionIn(room: number): number | undefined {
    return this.#order.positionIn(room)
  }

  /** Text and bytes as they are, anything else as JSON. */
  send(frame: unknown): void {
    const asIs = typeof frame === 'string' || frame instanceof Uint8Array
    this.#socket.send(asIs ? frame : JSON.stringify(frame))
  }

  /** Sends a request under an id of its own. @returns the answer, whichever it is */
  async ask(request: Unnumbered): Promise<Answer> {
    const id = ++this.#requests
    this.askAs({ ...request, id })
    return this.heard(['result', 'error'], (frame) => frame.id === id)
  }

  /** The same under the id that is given, or none; the answer is not waited for. */
  askAs(request: ClientFrame): void {
    this.#order.asked(request)
    this.send(request)
  }

  /** Sends requests in one frame. */
  batch(requests: readonly ClientFrame[]): void {
    for (const request of requests) this.#order.asked(request)
    this.send(requests)
  }

  /** Of what is sent as it is: that it is answered under this id. */
  expectAnswer(id: string | number): void {
    this.#order.asked({ type: 'ping', id })
  }

  /** Asks, and expects a result of the shape. */
  async result<T extends TSchema>(request: Unnumbered, data: T): Promise<Static<T>> {
    const answer = await this.ask(request)
    if (answer.type === 'error') throw new Error(`${request.type} was refused: ${JSON.stringify(answer)}`)
    return exactly(data).parse(answer.data)
  }

  /** Asks, and expects a refusal. */
  async refused(request: Unnumbered): Promise<Frame<'error'>> {
    const answer = await this.ask(request)
    if (answer.type === 'error') return answer
    throw new Error(`${request.type} was not refused: ${JSON.stringify(answer)}`)
  }

  /** The first frame of a type for which `wanted` holds, come or to come. @param from how many frames are passed over */
  async heard<T extends Type>(
    types: T | readonly T[],
    wanted: (frame: Frame<T>) => boolean = () => true,
    from = 0,
  ): Promise<Frame<T>> {
    const among: readonly string[] = typeof types === 'string' ? [types] : types
    const isOf = (frame: Frame): frame is Frame<T> => among.includes(frame.type)
    let at = from
    let found: Frame<T> | undefined
    await this.until(
      () => {
        for (; found === undefined && at < this.frames.length; at++) {
          const frame = this.frames[at]
          if (frame !== undefined && isOf(frame) && wanted(frame)) found = frame
        }
        return found !== undefined
      },
      `a frame of ${among.join(', ')}`,
    )
    if (found === undefined) throw new Error('it was there')
    return found
  }

  /** Resolves once it holds, asked anew with each frame that comes. Throws where it cannot any more. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (!holds()) {
      if (this.problems.length > 0) throw new Error(this.problems[0])
      if (this.#over !== null) throw new Error(`closed, and no ${what}: ${JSON.stringify(this.#over)}`)
      if (performance.now() >= deadline) throw new Error(`no ${what}, but ${this.texts.slice(-5).join('\n')}`)
      await this.#change()
    }
  }

  /** All that have come of a type. @param from how many frames are passed over */
  all<T extends Type>(type: T, from = 0): Frame<T>[] {
    return this.frames.slice(from).filter((frame): frame is Frame<T> => frame.type === type)
  }

  /** What comes once everything sent before has come. */
  async settled(): Promise<void> {
    await this.ask({ type: 'ping' })
  }

  /** Closes it. Throws where anything was wrong with what came. */
  async close(code = 1000): Promise<void> {
    this.#socket.close(code)
    await this.closed
    if (this.problems.length > 0) throw new Error(this.problems.join('\n'))
  }

  #take(text: string): void {
    this.texts.push(text)
    try {
      const value: unknown = JSON.parse(text)
      if (!Array.isArray(value)) this.#takeFrame(value)
      else if (value.length < 2) this.#order.problems.push(`a batch of ${value.length}`)
      else for (const frame of value) this.#takeFrame(frame)
    } catch (error) {
      this.#order.problems.push(`${error}`)
    }
  }

  #takeFrame(value: unknown): void {
    const frame = shape.parse(value)
    this.frames.push(frame)
    if (this.frames.length === 1 && frame.type !== 'hello') this.#order.problems.push('no hello first')
    this.#order.took(frame)
  }

  #changed(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const alarm = setTimeout(resolve, PATIENCE_MS)
      this.#wake.push(() => {
        clearTimeout(alarm)
        resolve()
      })
    })
  }
}

/** Opens a socket in the person's name, by the Authorization header, once it has been greeted. @param query such as `?batch=1` */
export async function connect(
  app: Pick<TestApp, 'wsUrl'>,
  who: Pick<Person, 'token'> | null,
  query = '',
): Promise<V2Client> {
  const headers: Record<string, string> = who === null ? {} : { authorization: `Bearer ${who.token}` }
  const client = new V2Client(`${app.wsUrl}/api/v2/socket${query}`, headers)
  await client.heard('hello')
  return client
}

export type Unnumbered = Omitted<ClientFrame>
type Omitted<T> = T extends unknown ? Omit<T, 'id'> : never
/** Those of the frames that can be of a type. */
type OfType<F, T> = F extends { type: infer U } ? ([Extract<U, T>] extends [never] ? never : F) : never

const PATIENCE_MS = 30_000
