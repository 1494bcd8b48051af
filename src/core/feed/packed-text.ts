/**
 * Pieces of text, one after the other, as bytes in UTF-8: for the garbage collector there is nothing in them to visit. A piece is named
 * by the offsets at which it begins and ends. Offsets count from the first piece ever, so they stay the same when older pieces are
 * dropped.
 */
export class PackedText {
  #bytes = NONE
  /** The offsets of the first byte that is held, and of the end. */
  #begin = 0
  #end = 0

  get end(): number {
    return this.#end
  }

  /** All memory that is held, whether in use or not: a test looks for former words in it. */
  get bytes(): Readonly<Uint8Array> {
    return this.#bytes
  }

  /** Makes room for the next so many UTF-16 units. */
  reserve(units: number): void {
    const needed = this.#end - this.#begin + units * BYTES_PER_UNIT
    if (needed <= this.#bytes.length) return
    // Grows by half, so that the cost of a piece does not depend on how many there are.
    const size = Math.max(needed, this.#bytes.length + (this.#bytes.length >> 1), FIRST_BYTES)
    const bytes = new Uint8Array(size)
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }

  /**
   * Appends a piece, for which there must be room. Allocates nothing, which `TextEncoder` would.
   * @param piece has no half surrogate pair
   * @returns the offset at which it ends
   */
  write(piece: string): number {
    const bytes = this.#bytes
    const from = this.#end - this.#begin
    let at = from
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i)
      if (unit < 0x80) {
        bytes[at++] = unit
        continue
      }
      const isPair = unit >= 0xd800 && unit < 0xe000
      const point = isPair ? (unit << 10) + piece.charCodeAt(++i) - PAIR_EXCESS : unit
      if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6)
      else {
        if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12)
        else {
          bytes[at++] = 0xf0 | (point >> 18)
          bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
        }
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
      }
      bytes[at++] = 0x80 | (point & 0x3f)
    }
    this.#end += at - from
    return this.#end
  }

  read(from: number, to: number): string {
    return utf8.decode(this.#bytes.subarray(from - this.#begin, to - this.#begin))
  }

  /** Overwrites what is between the offsets. */
  erase(from: number, to: number): void {
    this.#bytes.fill(0, from - this.#begin, to - this.#begin)
  }

  /** Drops and overwrites what is before the offset. Gives memory back if little of it is in use afterwards. */
  dropBefore(offset: number): void {
    const [cut, used] = [offset - this.#begin, this.#end - this.#begin]
    this.#bytes.copyWithin(0, cut, used)
    this.#bytes.fill(0, used - cut, used)
    this.#begin = offset
    const left = used - cut
    if (left * SPARSE < this.#bytes.length) this.#bytes = this.#bytes.slice(0, 2 * left)
  }

  /** Drops everything, and the memory. */
  clear(): void {
    this.#bytes = NONE
    this.#begin = 0
    this.#end = 0
  }
}

/** The most bytes of a UTF-16 unit in UTF-8; a surrogate pair takes four. */
const BYTES_PER_UNIT = 3
/** By how much the two halves of a surrogate pair exceed the code point when the first is shifted and both are added. */
const PAIR_EXCESS = (0xd800 << 10) + 0xdc00 - 0x10000
/** Room for a few messages: most rooms have no more. Rooms without any share an empty array. */
const FIRST_BYTES = 1024
const NONE = new Uint8Array(0)
/** Memory is given back if less than one in so many bytes is in use. */
const SPARSE = 4

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
