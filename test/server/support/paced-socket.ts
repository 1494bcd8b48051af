import { until } from '../../support/until.ts'
import { handshakeRequest } from './raw-http.ts'
import { encodeFrame, parseFrames, TEXT } from './raw-websocket.ts'

export interface PacedSocket {
  /** Takes about so many bytes more, then stops reading again: what the server sends stays in the kernel, then in the server. */
  take(bytes: number): Promise<void>
  /** Reads as fast as it can from here on. */
  readAll(): void
  /** Reads no more of what comes after this chunk, whatever was to be taken. */
  stop(): void
  sendText(text: string): void
  isClosed(): boolean
  /** Cuts the connection. */
  cut(): void
}

/** An open WebSocket that reads only when told to, and answers neither a ping nor a close by itself. */
export async function openPacedSocket(url: string, onText: (text: string) => void): Promise<PacedSocket> {
  const { hostname, port } = new URL(url)
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  let isClosed = false
  let budget = 0
  let taken: () => void = () => undefined

  function accept(chunk: Buffer): void {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end === -1) return
      isOpen = rest.subarray(0, 12).toString() === 'HTTP/1.1 101'
      if (!isOpen) throw new Error(`the handshake was refused: ${rest}`)
      rest = rest.subarray(end + 4)
    }
    const { frames, length } = parseFrames(rest)
    rest = rest.subarray(length)
    for (const { opcode, payload } of frames) if (opcode === TEXT) onText(payload.toString())
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
        if (!isOpen || budget > 0) return
        self.pause()
        taken()
      },
      close: over,
      error: over,
    },
  })
  socket.write(handshakeRequest(url))
  await until(() => isOpen, 'the handshake')
  return {
    take(bytes) {
      return new Promise((resolve) => {
        budget = bytes
        taken = resolve
        if (isClosed) resolve()
        else socket.resume()
      })
    },
    readAll() {
      budget = Number.POSITIVE_INFINITY
      socket.resume()
    },
    stop() {
      budget = 0
    },
    sendText: (text) => socket.write(encodeFrame(TEXT, text)),
    isClosed: () => isClosed,
    cut: () => socket.terminate(),
  }
}
