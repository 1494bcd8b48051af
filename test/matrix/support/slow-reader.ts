import { Type as t } from '@sinclair/typebox'
import { parse } from '../../api/support/shape.ts'
import { handshakeRequest } from '../../server/support/raw-http.ts'
import { until } from '../../support/until.ts'

export interface SlowReader {
  /** The ids of the messages that it has read, in the order of coming. */
  readonly ids: readonly number[]
  /** Takes about so many bytes more, then stops reading again: what the server sends stays in the kernel, then in the server. */
  take(bytes: number): Promise<void>
  /** Reads as fast as it can from here on. */
  readAll(): void
  isClosed(): boolean
  /** Cuts the connection. */
  cut(): void
}

/** A client of the direct chats' socket that reads only when told to, and answers nothing. */
export async function openSlowReader(url: string): Promise<SlowReader> {
  const { hostname, port } = new URL(url)
  const ids: number[] = []
  let rest: Buffer = Buffer.alloc(0)
  let opened = false
  let closed = false
  let budget = 0
  let taken: () => void = () => undefined

  function accept(chunk: Buffer): void {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!opened) {
      const end = rest.indexOf('\r\n\r\n')
      if (end === -1) return
      opened = rest.subarray(0, 12).toString() === 'HTTP/1.1 101'
      if (!opened) throw new Error(`the handshake was refused: ${rest}`)
      rest = rest.subarray(end + 4)
    }
    for (let payload = next(); payload !== null; payload = next()) {
      ids.push(parse(Frame, JSON.parse(payload)).message.id)
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
    const isText = (rest.readUInt8(0) & 15) === 1
    const payload = rest.subarray(head, head + length).toString()
    rest = rest.subarray(head + length)
    // A ping or a close.
    return isText ? payload : next()
  }

  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(self, chunk) {
        accept(Buffer.from(chunk))
        budget -= chunk.length
        if (budget > 0) return
        self.pause()
        taken()
      },
      close() {
        closed = true
        taken()
      },
      error() {
        closed = true
        taken()
      },
    },
  })
  socket.write(handshakeRequest(url))
  await until(() => opened, 'the handshake')
  return {
    ids,
    take(bytes) {
      return new Promise((resolve) => {
        budget = bytes
        taken = resolve
        if (closed) resolve()
        else socket.resume()
      })
    },
    readAll() {
      budget = Number.POSITIVE_INFINITY
      socket.resume()
    },
    isClosed: () => closed,
    cut: () => socket.terminate(),
  }
}

const Frame = t.Object({ message: t.Object({ id: t.Integer() }) })
