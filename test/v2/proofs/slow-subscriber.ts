import { handshakeRequest } from '../../server/support/raw-http.ts'
import { encodeFrame, TEXT } from '../../server/support/raw-websocket.ts'
import { until } from '../../support/until.ts'

export interface SlowSubscriber {
  /** The number up to which everything has been read; null before the answer. */
  readonly position: number | null
  /** How it was served, once that is answered. */
  readonly mode: string | null
  readonly isLive: boolean
  /** The most characters in a frame so far. */
  readonly largest: number
  readonly isClosed: boolean
  /** Reads about so many bytes more, or until the room is live, then stops again: the rest stays in the kernel, then in the server. */
  take(bytes: number): Promise<void>
  cut(): void
}

/** A client of the v2 socket that has subscribed to a room, and reads only when told to. */
export async function openSlowSubscriber(url: string, room: number, after: number): Promise<SlowSubscriber> {
  const { hostname, port } = new URL(url)
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  let isClosed = false
  let budget = Number.POSITIVE_INFINITY
  let taken: () => void = () => undefined
  let position: number | null = null
  let mode: string | null = null
  let isLive = false
  let largest = 0

  function accept(chunk: Buffer): void {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end === -1) return
      isOpen = rest.subarray(0, 12).toString() === 'HTTP/1.1 101'
      if (!isOpen) throw new Error(`the handshake was refused: ${rest}`)
      rest = rest.subarray(end + 4)
    }
    for (let payload = next(); payload !== null; payload = next()) {
      largest = Math.max(largest, payload.length)
      receive(JSON.parse(payload))
    }
  }

  function receive(frame: Told): void {
    if (frame.type === 'result') {
      position = after
      mode = frame.data?.mode ?? null
    } else if (frame.type === 'changes') {
      if (frame.after !== position) throw new Error(`at ${position} came what follows ${frame.after}`)
      position = frame.to ?? null
    } else if (frame.type === 'live') {
      if (frame.seq !== position)
        throw new Error(`live at ${frame.seq}, but everything has come up to ${position}`)
      isLive = true
    }
  }

  /** The payload of the next whole frame, if it is there. The server's frames are whole and unmasked. */
  function next(): string | null {
    if (rest.length < 2) return null
    const short = rest.readUInt8(1)
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (rest.length < head) return null
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
    if (rest.length < head + length) return null
    const isText = (rest.readUInt8(0) & 15) === TEXT
    const payload = rest.subarray(head, head + length).toString()
    rest = rest.subarray(head + length)
    // A ping or a close.
    return isText ? payload : next()
  }

  function over(): void {
    isClosed = true
    taken()
  }

  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(self, chunk) {
        accept(Buffer.from(chunk))
        budget -= chunk.length
        if (budget > 0 && !isLive) return
        self.pause()
        taken()
      },
      close: over,
      error: over,
    },
  })
  socket.write(handshakeRequest(url))
  await until(() => isOpen, 'the handshake')
  socket.pause()
  socket.write(encodeFrame(TEXT, JSON.stringify({ type: 'subscribe', id: 1, room, after })))
  return {
    get position() {
      return position
    },
    get mode() {
      return mode
    },
    get isLive() {
      return isLive
    },
    get largest() {
      return largest
    },
    get isClosed() {
      return isClosed
    },
    take(bytes) {
      return new Promise((resolve) => {
        budget = bytes
        taken = resolve
        if (isClosed) resolve()
        else socket.resume()
      })
    },
    cut: () => socket.terminate(),
  }
}

/** As much of a frame as is looked at. */
interface Told {
  readonly type: string
  readonly data?: { readonly mode?: string }
  readonly after?: number
  readonly to?: number
  readonly seq?: number
}
