import type { Static, TSchema } from '@sinclair/typebox'
import { parse } from './shape.ts'

export interface Closed {
  readonly code: number
  readonly reason: string
}

export interface TestSocket {
  /** All frames that have arrived, read or not. */
  readonly frames: readonly unknown[]
  /** Resolves when the socket is closed, by either side. */
  readonly closed: Promise<Closed>
  /** Resolves once the handshake is done; rejects if it was refused. */
  readonly opened: Promise<void>
  /** Resolves to the next unread frame, with the type of the shape. Rejects for another shape, at the close, and after ten seconds. */
  next<T extends TSchema>(shape: T): Promise<Static<T>>
  /** Skips unread frames up to the first of the shape for which `wanted` is true. */
  nextWhere<T extends TSchema>(shape: T, wanted: (frame: Static<T>) => boolean): Promise<Static<T>>
  /** Sends text and bytes unchanged, anything else as JSON. */
  send(frame: unknown): void
  close(code?: number): Promise<Closed>
}

/** A WebSocket client that keeps all frames, in order. */
export function openSocket(url: string, headers: Record<string, string> = {}): TestSocket {
  const socket = new WebSocket(url, { headers })
  const frames: unknown[] = []
  let read = 0
  let over: Closed | null = null
  let wake: () => void = () => undefined
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<Closed>()
  // Callers that await the opening get the refusal; others notice that no frame arrives.
  opened.promise.catch(() => undefined)

  socket.onopen = () => opened.resolve()
  socket.onmessage = ({ data }) => {
    frames.push(typeof data === 'string' ? JSON.parse(data) : data)
    wake()
  }
  socket.onclose = ({ code, reason }) => {
    over = { code, reason }
    opened.reject(new Error(`the handshake was refused (${code} ${reason})`))
    closed.resolve(over)
    wake()
  }

  async function nextFrame(): Promise<unknown> {
    const alarm = setTimeout(() => wake(), PATIENCE_MS)
    try {
      const deadline = performance.now() + PATIENCE_MS
      while (read >= frames.length) {
        if (over !== null) throw new Error(`the socket was closed: ${over.code} ${over.reason}`)
        if (performance.now() >= deadline) throw new Error(`no frame came within ${PATIENCE_MS} ms`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return frames[read++]
    } finally {
      clearTimeout(alarm)
    }
  }

  return {
    frames,
    closed: closed.promise,
    opened: opened.promise,
    async next(shape) {
      return parse(shape, await nextFrame())
    },
    async nextWhere(shape, wanted) {
      while (true) {
        const frame = await nextFrame()
        if (isShape(shape, frame) && wanted(frame)) return frame
      }
    },
    send(frame) {
      const asIs = typeof frame === 'string' || frame instanceof Uint8Array
      socket.send(asIs ? frame : JSON.stringify(frame))
    },
    close(code = 1000) {
      socket.close(code)
      return closed.promise
    },
  }
}

const PATIENCE_MS = 30_000

function isShape<T extends TSchema>(shape: T, value: unknown): value is Static<T> {
  try {
    parse(shape, value)
    return true
  } catch {
    return false
  }
}
