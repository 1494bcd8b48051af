import { until } from '../../support/until.ts'
import { openRaw, type RawClient } from './raw-client.ts'
import { handshakeRequest } from './raw-http.ts'

export interface RawFrame {
  readonly opcode: number
  readonly payload: Buffer
}

export interface RawWebSocket extends RawClient {
  /** The frames that have come so far. */
  frames(): RawFrame[]
  /** Sends one frame, masked as a client's must be. */
  sendFrame(opcode: number, payload: string | Uint8Array, options?: FrameOptions): void
  /** The code of the close frame, once it has come. */
  closeCode(): Promise<number>
}

export interface FrameOptions {
  readonly final?: boolean
  readonly masked?: boolean
}

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** An open WebSocket that answers nothing by itself: neither a ping nor a close. */
export async function openRawWebSocket(
  url: string,
  headers: Record<string, string> = {},
): Promise<RawWebSocket> {
  const client = await openRaw(url)
  client.write(handshakeRequest(url, headers))
  const start = await until(() => {
    const head = client.received().indexOf('\r\n\r\n')
    return head === -1 ? null : head + 4
  }, 'the handshake to be answered')
  if (!client.received().toString('latin1').startsWith('HTTP/1.1 101')) {
    client.end()
    throw new Error(`the handshake was refused: ${client.received().subarray(0, 200)}`)
  }
  const frames = () => parseFrames(client.received().subarray(start)).frames
  return {
    ...client,
    frames,
    sendFrame: (opcode, payload, options) => client.write(encodeFrame(opcode, payload, options)),
    closeCode: () =>
      until(
        () =>
          frames()
            .find((frame) => frame.opcode === CLOSE)
            ?.payload.readUInt16BE(0),
        'a close frame',
      ),
  }
}

export function encodeFrame(
  opcode: number,
  payload: string | Uint8Array,
  { final = true, masked = true }: FrameOptions = {},
): Buffer {
  const body = Buffer.from(payload)
  const head = [(final ? 0x80 : 0) | opcode]
  const mask = masked ? 0x80 : 0
  if (body.length < 126) head.push(mask | body.length)
  else if (body.length < 65_536) head.push(mask | 126, body.length >> 8, body.length & 255)
  else head.push(mask | 127, 0, 0, 0, 0, ...new Uint8Array(new Uint32Array([body.length]).buffer).reverse())
  if (!masked) return Buffer.concat([Buffer.from(head), body])
  const key = crypto.getRandomValues(Buffer.alloc(4))
  for (let i = 0; i < body.length; i++) body[i] = (body[i] ?? 0) ^ (key[i % 4] ?? 0)
  return Buffer.concat([Buffer.from(head), key, body])
}

/** The frames that are whole, and how many bytes they take. The server's are neither masked nor fragmented. */
export function parseFrames(bytes: Buffer): { readonly frames: RawFrame[]; readonly length: number } {
  const frames: RawFrame[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const opcode = bytes.readUInt8(at) & 15
    let length = bytes.readUInt8(at + 1) & 127
    let head = 2
    if (length >= 126) {
      head = length === 126 ? 4 : 10
      if (at + head > bytes.length) break
      length = length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    }
    if (at + head + length > bytes.length) break
    frames.push({ opcode, payload: bytes.subarray(at + head, at + head + length) })
    at += head + length
  }
  return { frames, length: at }
}
