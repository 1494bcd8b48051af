import type {
  ClientFrame,
  ErrorFrame,
  HelloFrame,
  ResultData,
  ServerFrame,
} from '../../../src/client/wire.ts'
import { until } from '../../support/until.ts'

export type Request<Type extends ClientFrame['type'] = ClientFrame['type']> = Extract<
  ClientFrame,
  { type: Type }
>

export interface ScriptedServer {
  readonly url: string
  /** Connections so far. */
  readonly count: () => number
  /** The next connection that was not taken yet, once it is there. */
  next(): Promise<Peer>
  /** The next one, greeted and identified as the user. */
  nextIdentified(options?: Identity): Promise<Peer>
  /** Answers REST requests; 404 without. */
  rest: (request: Request_) => Response | Promise<Response>
  close(): Promise<void>
}

type Request_ = globalThis.Request

export interface Identity {
  id?: number
  expiresInMs?: number
  hello?: Partial<HelloFrame>
}

/** One connection of a client, on the server's side of it. */
export interface Peer {
  readonly frames: readonly ClientFrame[]
  /** The same as they came: a batch is one text. */
  readonly texts: readonly string[]
  /** The address it was opened with. */
  readonly url: string
  send(frame: ServerFrame): void
  /** Sends frames as one. */
  sendBatch(frames: readonly ServerFrame[]): void
  sendText(text: string): void
  greet(hello?: Partial<HelloFrame>): void
  identify(options?: Identity): Promise<Request<'auth'>>
  /** The next frame of the type that was not taken yet, once it is there. */
  take<Type extends ClientFrame['type']>(type: Type): Promise<Request<Type>>
  answer(request: ClientFrame, data: ResultData): void
  refuse(request: ClientFrame, error: Partial<ErrorFrame>): void
  close(code: number, reason?: string): void
  /** Without a closing handshake. */
  cut(): void
  readonly isClosed: () => boolean
}

/** A real WebSocket server that says nothing but what a test tells it to. */
export function startScriptedServer(): ScriptedServer {
  const peers: (Peer & { receive(text: string): void; closed(): void })[] = []
  let taken = 0

  const server = Bun.serve<{ peer: number; url: string }>({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, self) {
      const { pathname } = new URL(request.url)
      if (pathname !== '/api/v2/socket') return scripted.rest(request)
      return self.upgrade(request, { data: { peer: -1, url: request.url } })
        ? undefined
        : new Response('no upgrade', { status: 400 })
    },
    websocket: {
      open(socket) {
        socket.data.peer = peers.length
        peers.push(createPeer(socket))
      },
      message: (socket, text) => peers[socket.data.peer]?.receive(String(text)),
      close: (socket) => peers[socket.data.peer]?.closed(),
    },
  })

  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${server.port}`,
    count: () => peers.length,
    async next() {
      const peer = await until(() => peers[taken], 'a connection')
      taken++
      return peer
    },
    async nextIdentified(options) {
      const peer = await scripted.next()
      await peer.identify(options)
      return peer
    },
    rest: () => new Response('not found', { status: 404 }),
    async close() {
      await server.stop(true)
    },
  }
  return scripted
}

function createPeer(socket: Bun.ServerWebSocket<{ url: string }>) {
  const frames: ClientFrame[] = []
  const texts: string[] = []
  const waiting: ClientFrame[] = []
  let closed = false

  const peer = {
    frames,
    texts,
    url: socket.data.url,
    receive(text: string): void {
      const parsed: ClientFrame | ClientFrame[] = JSON.parse(text)
      const together = [parsed].flat()
      texts.push(text)
      frames.push(...together)
      waiting.push(...together)
    },
    closed(): void {
      closed = true
    },
    isClosed: () => closed,
    sendText(text: string): void {
      socket.send(text)
    },
    sendBatch(together: readonly ServerFrame[]): void {
      socket.send(JSON.stringify(together))
    },
    send(frame: ServerFrame): void {
      socket.send(JSON.stringify(frame))
    },
    greet(hello: Partial<HelloFrame> = {}): void {
      peer.send({ ...HELLO, ...hello })
    },
    async identify({ id = 1, expiresInMs = 3_600_000, hello }: Identity = {}): Promise<Request<'auth'>> {
      peer.greet(hello)
      const request = await peer.take('auth')
      peer.answer(request, { user: { id, username: `user${id}` }, expires_in_ms: expiresInMs })
      return request
    },
    async take<Type extends ClientFrame['type']>(type: Type): Promise<Request<Type>> {
      const isOfType = (frame: ClientFrame): frame is Request<Type> => frame.type === type
      return await until(() => {
        const frame = waiting.find(isOfType)
        if (frame) waiting.splice(waiting.indexOf(frame), 1)
        return frame
      }, `a frame of type ${type}`)
    },
    answer(request: ClientFrame, data: ResultData): void {
      peer.send({ type: 'result', id: request.id ?? 0, data })
    },
    refuse(request: ClientFrame, error: Partial<ErrorFrame>): void {
      peer.send({ ...REFUSAL, id: request.id ?? null, ...error })
    },
    close: (code: number, reason = '') => socket.close(code, reason),
    cut: () => socket.terminate(),
  }
  return peer
}

export const HELLO: HelloFrame = {
  type: 'hello',
  protocol: 2,
  identified: null,
  heartbeat_ms: 20_000,
  auth_within_ms: 10_000,
  max_frame_bytes: 65_536,
  max_message_length: 4000,
  max_subscriptions: 1000,
}

const REFUSAL: ErrorFrame = {
  type: 'error',
  id: null,
  message: 'refused',
  code: 'invalid',
  retryable: false,
  retry_after_ms: 0,
  field: null,
}
