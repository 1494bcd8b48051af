import { type Static, Type } from '@sinclair/typebox'

/** Where a message tells its number: behind a label, which is searched for from this end of it. */
export const NumberPlace = Type.Object({
  label: Type.String({ minLength: 1 }),
  from: Type.Union([Type.Literal('start'), Type.Literal('end')]),
})
export type NumberPlace = Static<typeof NumberPlace>

/** Checks that the messages that one client receives are numbered without gaps. */
export class Order {
  readonly #label: Uint8Array
  readonly #fromStart: boolean
  #first = 0
  #last = 0

  constructor({ label, from }: NumberPlace) {
    this.#label = new TextEncoder().encode(label)
    this.#fromStart = from === 'start'
  }

  /** From the first number that was noted to the last, both included; 0 before any. */
  get span(): number {
    return this.#first === 0 ? 0 : this.#last - this.#first + 1
  }

  /** Notes a message's number. @throws Error if it is not above the last one that was noted */
  note(bytes: Uint8Array, start: number, end: number): void {
    const number = this.#numberIn(bytes, start, end)
    if (!(number > this.#last)) throw new Error(`number ${number} came after ${this.#last}`)
    if (this.#first === 0) this.#first = number
    this.#last = number
  }

  /** Notes the number of the message that follows the one noted last. @throws Error if it is any other number than the next */
  noteNext(bytes: Uint8Array, start: number, end: number): void {
    const before = this.#last
    this.note(bytes, start, end)
    if (before !== 0 && this.#last !== before + 1) {
      throw new Error(`number ${this.#last} came after ${before}`)
    }
  }

  #numberIn(bytes: Uint8Array, start: number, end: number): number {
    const step = this.#fromStart ? 1 : -1
    const last = end - this.#label.length
    for (let at = this.#fromStart ? start : last; at >= start && at <= last; at += step) {
      if (this.#isLabel(bytes, at)) return digits(bytes, at + this.#label.length, end)
    }
    throw new Error(`a message without a number: ${new TextDecoder().decode(bytes.subarray(start, end))}`)
  }

  #isLabel(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < this.#label.length; i++) if (bytes[at + i] !== this.#label[i]) return false
    return true
  }
}

const ZERO = '0'.charCodeAt(0)

function digits(bytes: Uint8Array, from: number, end: number): number {
  let number = 0
  for (let i = from; i < end; i++) {
    const digit = (bytes[i] ?? Number.NaN) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    number = number * 10 + digit
  }
  return number
}
