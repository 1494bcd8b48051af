import type { SocketConstructor, SocketLike } from '../../../src/client/index.ts'
import type { ClientFrame, ServerFrame } from '../../../src/client/wire.ts'

type OnMessage = (event: { data: unknown }) => void
type OnClose = (event: { code: number; reason: string }) => void

/** A socket without a network: what it is given arrives within the call, so that a test decides what happens in which turn. */
export class FakeSocket implements SocketLike {
  readonly sent: string[] = []
  closed = false
  readonly #onMessage: OnMessage[] = []
  readonly #onClose: OnClose[] = []

  addEventListener(type: 'message', listener: OnMessage): void
  addEventListener(type: 'close', listener: OnClose): void
  addEventListener(...[type, listener]: ['message', OnMessage] | ['close', OnClose]): void {
    if (type === 'message') this.#onMessage.push(listener)
    else this.#onClose.push(listener)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.closed = true
  }

  /** The server sends a frame, or several as one. */
  arrive(frames: ServerFrame | readonly ServerFrame[]): void {
    for (const listener of this.#onMessage) listener({ data: JSON.stringify(frames) })
  }

  /** The connection is lost. */
  lose(): void {
    for (const listener of this.#onClose) listener({ code: 1006, reason: '' })
  }

  /** What was sent so far: a batch is an array. */
  requests(): (ClientFrame | ClientFrame[])[] {
    return this.sent.map((text) => JSON.parse(text))
  }
}

/** A constructor of such sockets, and those that it has made. */
export function fakeSockets(): { Socket: SocketConstructor; made: FakeSocket[] } {
  const made: FakeSocket[] = []
  const Socket = class extends FakeSocket {
    constructor(_url: string) {
      super()
      made.push(this)
    }
  }
  return { Socket, made }
}
