import { type Static, Type } from '@sinclair/typebox'
import type { OnFrame } from './frames.ts'

/**
 * How several messages share one text frame, in both directions: not at all, as the elements of a JSON array, or as lines.
 * A frame that is no array holds one message with `array`, too.
 */
export const Parts = Type.Union([Type.Literal('one'), Type.Literal('array'), Type.Literal('lines')])
export type Parts = Static<typeof Parts>

const encode = (text: string) => new TextEncoder().encode(text)
const OPENING = '['.charCodeAt(0)
const NEWLINE = '\n'.charCodeAt(0)
const TYPE_AT = '{"type":"'.length
/** Between two frames of an array. Within a frame a quote would be escaped, and no object in a list begins with a type. */
const BETWEEN = encode('},{"type":"')

/** Finds the messages in the text frames of one connection, without parsing them. */
export class PartReader {
  readonly #parts: Parts
  readonly #take: OnFrame
  /** The length of the last element of an array, and how its type begins. */
  #length = 0
  #type = 0

  /** @param take called for each message; the bytes are good until it returns */
  constructor(parts: Parts, take: OnFrame) {
    this.#parts = parts
    this.#take = take
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    if (this.#parts === 'array' && bytes[start] === OPENING) this.#readArray(bytes, start + 1, end - 1)
    else if (this.#parts === 'lines') this.#readLines(bytes, start, end)
    else this.#take(bytes, start, end)
  }

  #readLines(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      const found = bytes.indexOf(NEWLINE, at)
      const to = found === -1 || found > end ? end : found
      if (to > at) this.#take(bytes, at, to)
      at = to + 1
    }
  }

  /**
   * Most elements are events of one type and length. So where an element begins like the one before, the end is looked for at the
   * same distance before it is searched for. Two elements cannot be taken for one that way: events of a type differ by a few digits.
   */
  #readArray(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      const type = typeAt(bytes, at)
      let to = at + this.#length
      if (type !== this.#type || (to !== end && !isBoundary(bytes, to, end))) to = endOf(bytes, at, end)
      this.#length = to - at
      this.#type = type
      this.#take(bytes, at, to)
      at = to + 1
    }
  }
}

/** The first letters of an element's type as a number; they tell messages from what comes as often. */
function typeAt(bytes: Uint8Array, at: number): number {
  const first = at + TYPE_AT
  return ((bytes[first] ?? 0) << 16) | ((bytes[first + 1] ?? 0) << 8) | (bytes[first + 2] ?? 0)
}

function endOf(bytes: Uint8Array, at: number, end: number): number {
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(BETWEEN, at)
  return found === -1 || found >= end ? end : found + 1
}

/** Whether an element ends there, at `to`, and another begins. */
function isBoundary(bytes: Uint8Array, to: number, end: number): boolean {
  if (to + BETWEEN.length > end) return false
  for (let i = 0; i < BETWEEN.length; i++) if (bytes[to - 1 + i] !== BETWEEN[i]) return false
  return true
}

/** The texts of the frames in which so many requests are sent, all of them alike. @param most in one frame */
export function framesOf(parts: Parts, request: string, count: number, most: number): string[] {
  if (parts === 'one') return new Array<string>(count).fill(request)
  const texts: string[] = []
  for (let left = count; left > 0; left -= most) {
    const together = new Array<string>(Math.min(left, most)).fill(request)
    texts.push(parts === 'lines' ? together.join('\n') : `[${together.join()}]`)
  }
  return texts
}
