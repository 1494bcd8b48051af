import { until } from '../../support/until.ts'

export interface RawClient {
  write(data: string | Uint8Array): void
  /** Every byte that has come so far. */
  received(): Buffer
  /** Stops reading: what the server sends stays in the kernel's buffers, then in the server's. */
  pause(): void
  resume(): void
  isClosed(): boolean
  /** Resolves once the other side has closed. */
  closed(timeoutMs?: number): Promise<void>
  end(): void
}

/** A TCP connection that does nothing by itself: no pong, no closing handshake, no HTTP. */
export async function openRaw(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const chunks: Buffer[] = []
  let closed = false
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, chunk) => void chunks.push(Buffer.from(chunk)),
      close: () => {
        closed = true
      },
      end: () => {
        closed = true
      },
      error: () => {
        closed = true
      },
    },
  })
  return {
    write(data) {
      socket.write(data)
    },
    received: () => Buffer.concat(chunks),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    isClosed: () => closed,
    async closed(timeoutMs) {
      await until(() => closed, 'the server to close the connection', timeoutMs)
    },
    end: () => socket.terminate(),
  }
}
