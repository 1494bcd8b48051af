import { textFrame } from './frames.ts'
import { content } from './setup.ts'
import { BYTES_BEHIND_BODY } from './v2-frames.ts'

/** Digits of a message's number, with which its text ends. */
const DIGITS = 10
const ZERO = '0'.charCodeAt(0)
const BLANK = '0'.repeat(DIGITS)

/** A text with room for a message's number. */
export const NUMBERED_TEXT = content(BLANK)

/** Makes frames that differ in their number alone, by copying one. */
export class NumberedFrame {
  readonly #blank: Uint8Array
  readonly #at: number

  /** @param frame which holds `NUMBERED_TEXT` */
  constructor(frame: string) {
    this.#blank = textFrame(frame)
    this.#at = Buffer.from(this.#blank).indexOf(NUMBERED_TEXT) + NUMBERED_TEXT.length - DIGITS
  }

  of(number: number): Uint8Array {
    const frame = this.#blank.slice()
    let rest = number
    for (let i = this.#at + DIGITS - 1; i >= this.#at; i--) {
      frame[i] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    return frame
  }
}

/** The number of a message in a frame of contract v2. @param end of the frame's payload */
export function numberIn(bytes: Uint8Array, end: number): number {
  const to = end - BYTES_BEHIND_BODY
  let number = 0
  for (let i = to - DIGITS; i < to; i++) number = number * 10 + (bytes[i] ?? Number.NaN) - ZERO
  return number
}
