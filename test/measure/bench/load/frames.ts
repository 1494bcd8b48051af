/** RFC 6455, as much of it as a load needs: short text frames out, text frames in. */

const TEXT = 0x81
const PING = 0x89
const MASKED = 0x80
const LENGTH_16 = 126
const LENGTH_64 = 127

/** A masked text frame of at most 65,535 bytes. Its key is zero, so that masking costs neither side more than it must. */
export function textFrame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text)
  const short = payload.length < LENGTH_16
  const head = short
    ? [TEXT, MASKED | payload.length]
    : [TEXT, MASKED | LENGTH_16, payload.length >> 8, payload.length & 0xff]
  return Uint8Array.from([...head, 0, 0, 0, 0, ...payload])
}

/** The answer to an empty ping. */
export const PONG = Uint8Array.of(0x8a, MASKED, 0, 0, 0, 0)

const NOTHING = new Uint8Array(0)

/** Finds the frames in a stream of bytes, without copying those that came whole. */
export class FrameReader {
  readonly #onFrame: OnFrame
  readonly #onPing: () => void
  #rest: Uint8Array = NOTHING

  /** @param onPing told of an empty ping, as servers send them */
  constructor(onFrame: OnFrame, onPing: () => void) {
    this.#onFrame = onFrame
    this.#onPing = onPing
  }

  /** @throws Error on any frame that is neither a whole text frame nor an empty ping */
  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const length = payloadLength(bytes, at)
      const start = at + headLength(bytes[at + 1])
      const end = start + length
      // NaN if the head itself is not whole yet.
      if (!(end <= bytes.length)) break
      if (bytes[at] === TEXT) this.#onFrame(bytes, start, end)
      else if (bytes[at] === PING && start === end) this.#onPing()
      else throw new Error(`an unexpected frame: ${bytes.subarray(at, end).toHex()}`)
      at = end
    }
    this.#rest = at === bytes.length ? NOTHING : bytes.subarray(at)
  }
}

/** A frame's payload is `bytes` from `start` to `end`; good until the call returns. */
export type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

function headLength(length: number | undefined): number {
  return length === LENGTH_16 ? 4 : length === LENGTH_64 ? 10 : 2
}

/** NaN if the head is not whole yet. */
function payloadLength(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] ?? Number.NaN
  if (length < LENGTH_16) return length
  if (length === LENGTH_16) return (bytes[at + 2] ?? Number.NaN) * 256 + (bytes[at + 3] ?? Number.NaN)
  if (length !== LENGTH_64) return Number.NaN
  let value = 0
  for (let i = at + 2; i < at + 10; i++) value = value * 256 + (bytes[i] ?? Number.NaN)
  return value
}
