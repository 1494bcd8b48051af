/** RFC 6455, as much as a client needs that is mostly idle: text frames and pings in. */

export interface FrameListener {
  text(payload: Buffer): void
  ping(): void
  error(error: Error): void
}

/** Finds the frames in a stream of bytes; keeps nothing but the beginning of one that is not whole yet. */
export class Frames {
  readonly #listener: FrameListener
  #rest: Buffer | null = null

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const start = at + headLength(bytes, at)
      const end = start + payloadLength(bytes, at)
      // Both are NaN where the head is not whole yet.
      if (!(end <= bytes.length)) break
      this.#take(bytes[at], bytes.subarray(start, end))
      at = end
    }
    // A copy: what came with it is not to be kept for its sake.
    this.#rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at))
  }

  #take(first: number | undefined, payload: Buffer): void {
    if (first === TEXT) this.#listener.text(payload)
    else if (first === PING) this.#listener.ping()
    else this.#listener.error(new Error(`an unexpected frame, ${first}: ${payload.toString('latin1')}`))
  }
}

const TEXT = 0x81
const PING = 0x89
const LENGTH_16 = 126
const LENGTH_64 = 127

function headLength(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? Number.NaN
  return length < LENGTH_16 ? 2 : length === LENGTH_16 ? 4 : length === LENGTH_64 ? 10 : Number.NaN
}

function payloadLength(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? Number.NaN
  if (length < LENGTH_16) return length
  const head = headLength(bytes, at)
  if (!(at + head <= bytes.length)) return Number.NaN
  return length === LENGTH_16 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}
