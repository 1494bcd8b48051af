/** Where the frames of a WebSocket connection begin and end, in one of its directions. */
export class FrameBounds {
  /** What has come of a head: first of HTTP's, then of a frame's. */
  #head: Buffer = Buffer.alloc(0)
  #isOpen = false
  /** Bytes of the present frame that are yet to come. */
  #left = 0

  /** Whether the handshake is over. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether what has come ends with a whole frame. */
  get isBetween(): boolean {
    return this.#left === 0 && this.#head.length === 0
  }

  took(bytes: Buffer): void {
    for (let rest = bytes; rest.length > 0; ) {
      const inFrame = Math.min(this.#left, rest.length)
      this.#left -= inFrame
      rest = rest.subarray(inFrame)
      if (rest.length === 0) return
      this.#head = Buffer.concat([this.#head, rest.subarray(0, 1)])
      rest = rest.subarray(1)
      this.#begin()
    }
  }

  /** Where the head is whole. */
  #begin(): void {
    const head = this.#head
    if (!this.#isOpen) {
      if (!head.subarray(-4).equals(Buffer.from('\r\n\r\n'))) return
      this.#isOpen = true
      this.#head = Buffer.alloc(0)
      return
    }
    if (head.length < 2) return
    const short = head.readUInt8(1) & 127
    const mask = (head.readUInt8(1) & 128) === 0 ? 0 : 4
    const whole = short < 126 ? 2 : short === 126 ? 4 : 10
    if (head.length < whole) return
    const length =
      short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2))
    this.#left = length + mask
    this.#head = Buffer.alloc(0)
  }
}
