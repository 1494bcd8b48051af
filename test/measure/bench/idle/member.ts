import type { Socket } from 'bun'
import { PartReader } from '../load/parts.ts'
import { Frames } from './frames.ts'

/** What the members of a crowd wait for, and who is told. */
export interface Crowd {
  /** Frames that begin so, and how many of them: once they have come, `reached` is told of the sign by its place here. */
  readonly signs: readonly Sign[]
  /** The handshake has succeeded. */
  opened(member: Member): void
  reached(sign: number, member: Member): void
  /** A frame that is of no sign. */
  heard?(payload: Uint8Array): void
  failed(error: Error): void
}

export interface Sign {
  readonly start: Uint8Array
  readonly times: number
}

/**
 * One client over plain TCP, as small as it can be: there are tens of thousands in one process. It answers pings, and looks
 * at nothing else but how frames begin.
 */
export class Member {
  readonly #crowd: Crowd
  readonly #path: string
  readonly #seen: number[]
  #socket: Socket<Member> | null = null
  #frames: Frames | null = null
  #unsent: Uint8Array | null = null

  /** @param path with the query */
  constructor(crowd: Crowd, path: string) {
    this.#crowd = crowd
    this.#path = path
    this.#seen = crowd.signs.map(() => 0)
  }

  /** @param from the address on this side, on loopback */
  async connect(port: number, from: string): Promise<void> {
    // Not in the runtime's types, but in the runtime.
    const options = { hostname: '127.0.0.1', port, localAddress: from, data: this, socket: handlers }
    await Bun.connect<Member>(options)
  }

  /** What the system does not take at once is sent as soon as it does. */
  write(frames: Uint8Array): void {
    const bytes = this.#unsent === null ? frames : Buffer.concat([this.#unsent, frames])
    const taken = this.#socket?.write(bytes) ?? -1
    if (taken < 0) throw new Error('there is no connection to write to')
    this.#unsent = taken < bytes.length ? bytes.subarray(taken) : null
  }

  /** Without a word to the server. */
  cut(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.terminate()
  }

  /** @internal */
  open(socket: Socket<Member>): void {
    this.#socket = socket
    socket.write(handshake(this.#path))
  }

  /** @internal */
  data(bytes: Buffer): void {
    if (this.#socket === null) return
    if (this.#frames !== null) {
      this.#frames.push(bytes)
      return
    }
    // The answer to a handshake comes in one piece: it is far smaller than a packet.
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1 || bytes.toString('latin1', 0, 12) !== 'HTTP/1.1 101') {
      this.#crowd.failed(new Error(`the handshake was refused: ${bytes.toString('latin1')}`))
      return
    }
    this.#frames = new Frames(this)
    this.#crowd.opened(this)
    this.#frames.push(bytes.subarray(end + 4))
  }

  /** @internal */
  drain(): void {
    if (this.#unsent !== null) this.write(NOTHING)
  }

  /** @internal */
  close(): void {
    if (this.#socket !== null)
      this.#crowd.failed(
        new Error(`the server has closed a connection (${this.#frames === null ? 'handshake' : 'open'})`),
      )
  }

  /** @internal */
  error(error: Error): void {
    this.#crowd.failed(error)
  }

  /** @internal */
  ping(): void {
    this.#socket?.write(PONG)
  }

  /** @internal */
  text(payload: Buffer): void {
    if (payload[0] !== OPENING) {
      this.#take(payload)
      return
    }
    // Few members are sent arrays, so none keeps a reader for them.
    const parts = new PartReader('array', (bytes, start, end) => this.#take(bytes.subarray(start, end)))
    parts.read(payload, 0, payload.length)
  }

  #take(frame: Uint8Array): void {
    const sign = this.#crowd.signs.findIndex(({ start }) => begins(frame, start))
    if (sign === -1) {
      if (begins(frame, ERROR)) this.#crowd.failed(new Error(`refused: ${new TextDecoder().decode(frame)}`))
      this.#crowd.heard?.(frame)
      return
    }
    const seen = (this.#seen[sign] ?? 0) + 1
    this.#seen[sign] = seen
    if (seen === this.#crowd.signs[sign]?.times) this.#crowd.reached(sign, this)
  }
}

/** The same for all sockets. */
const handlers = {
  open: (socket: Socket<Member>) => socket.data.open(socket),
  data: (socket: Socket<Member>, bytes: Buffer) => socket.data.data(bytes),
  drain: (socket: Socket<Member>) => socket.data.drain(),
  close: (socket: Socket<Member>) => socket.data.close(),
  error: (socket: Socket<Member>, error: Error) => socket.data.error(error),
}

const NOTHING = new Uint8Array(0)
/** The server's pings carry nothing, so neither does the answer. */
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0)
const OPENING = '['.charCodeAt(0)
const ERROR = Buffer.from('{"type":"error"')

function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false
  return true
}

function handshake(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}`,
    '\r\n',
  ].join('\r\n')
}
