/* What one listener has received. Finds what was lost, repeated or out of order, by the numbers alone. */
import type { SocketContract } from './contracts/contract.ts'

export interface Ledger {
  /** Notes a number of the room. */
  count(number: number): void
  /** Notes a message. @param ordinal its place among its sender's messages, from 1 */
  hear(sender: string, ordinal: number): void
  /** The highest number so far; null before the first. */
  last(): number | null
  /** Whether every message that is sent in the room was received. */
  complete(): boolean
  account(): Account
}

export interface Account {
  /** Messages received, repetitions included. */
  readonly heard: number
  /** Messages sent and not received so far. Where numbers are dense, missing numbers count too. */
  readonly lost: number
  /** Messages received again, or after a later one. */
  readonly repeated: number
  /** Messages of a sender who sends nothing in this room. */
  readonly foreign: number
}

/** @param said how many messages each sender sends in the room, in order */
export function createLedger(
  numbers: SocketContract['numbers'],
  said: Readonly<Record<string, number>>,
): Ledger {
  const ordinals = new Map<string, number>()
  let last: number | null = null
  let [heard, skipped, foreign] = [0, 0, 0]
  const repeated = { numbers: 0, messages: 0 }
  let missing = Object.values(said).reduce((sum, messages) => sum + messages, 0)

  return {
    count(number) {
      if (last !== null && number <= last) {
        repeated.numbers++
        return
      }
      if (last !== null && numbers === 'dense') skipped += number - last - 1
      last = number
    },
    hear(sender, ordinal) {
      heard++
      const before = ordinals.get(sender) ?? 0
      if (ordinal > (said[sender] ?? 0)) foreign++
      else if (ordinal <= before) repeated.messages++
      else {
        // The skipped numbers count as missing. If one arrives later, it is out of order.
        ordinals.set(sender, ordinal)
        missing--
      }
    },
    last: () => last,
    complete: () => missing === 0,
    account: () => ({
      heard,
      // A fault of a message is usually a fault of its number too, and is not counted twice.
      lost: Math.max(missing, skipped),
      repeated: Math.max(repeated.numbers, repeated.messages),
      foreign,
    }),
  }
}
