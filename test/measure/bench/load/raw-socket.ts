import type { LoadHandlers } from './client.ts'
import { FrameReader, PONG } from './frames.ts'

export interface RawSocket {
  /** @param frames whole ones, as they go over the wire */
  write(frames: Uint8Array): void
  close(): void
}

/**
 * A WebSocket over plain TCP. `new WebSocket` makes an event and a string for each frame, which costs more than the
 * server's own share; this one only looks where the frames end.
 * @returns once the server has accepted the handshake
 */
export async function openRawSocket(
  url: URL,
  handlers: Pick<LoadHandlers, 'frame' | 'idle' | 'failed'>,
): Promise<RawSocket> {
  const reader = new FrameReader(handlers.frame, () => void socket.write(PONG))
  const accepted = Promise.withResolvers<void>()
  let head: Uint8Array | null = new Uint8Array(0)

  function fail(error: Error): void {
    accepted.reject(error)
    handlers.failed(error)
  }

  function receive(chunk: Uint8Array): void {
    if (head === null) {
      reader.push(chunk)
    } else {
      head = Buffer.concat([head, chunk])
      const text = new TextDecoder('latin1').decode(head)
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!text.startsWith('HTTP/1.1 101 ')) throw new Error(`the handshake was refused: ${text}`)
      const rest = head.subarray(end + 4)
      head = null
      accepted.resolve()
      reader.push(rest)
    }
    handlers.idle()
  }

  const socket = await Bun.connect({
    hostname: url.hostname,
    port: Number(url.port),
    socket: {
      open: (opened) => void opened.write(handshake(url)),
      data: (_, chunk) => receive(chunk),
      close: () => fail(new Error('the server closed the connection')),
      error: (_, error) => fail(error),
    },
  })
  await accepted.promise
  return {
    write(frames) {
      if (socket.write(frames) !== frames.length) throw new Error('the server does not take what it is sent')
    },
    close: () => socket.terminate(),
  }
}

function handshake(url: URL): string {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}`,
    '\r\n',
  ].join('\r\n')
}
