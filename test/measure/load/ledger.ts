/* What one listener has heard: finds what was lost, doubled or out of order, by the numbers alone. */
import type { SocketContract } from './contracts/contract.ts'

export interface Ledger {
  /** Takes a number of the room's. */
  count(number: number): void
  /** Takes a message: which of its sender's it is, from 1. */
  hear(sender: string, ordinal: number): void
  /** The highest number so far; null before the first. */
  last(): number | null
  /** Whether every message that is said in the room was heard. */
  complete(): boolean
  account(): Account
}

export interface Account {
  /** Messages, each as often as it was heard. */
  readonly heard: number
  /** Said, and not heard by now; numbers that were left out count as well where they are dense. */
  readonly lost: number
  /** Heard once more, or after a later one. */
  readonly repeated: number
  /** Heard from somebody who says nothing here. */
  readonly foreign: number
}

/** @param said how many messages each sender says in the room, in order */
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
        // What it leaves out is still missing: should it come after all, it comes out of order.
        ordinals.set(sender, ordinal)
        missing--
      }
    },
    last: () => last,
    complete: () => missing === 0,
    account: () => ({
      heard,
      // What is wrong with a message is mostly wrong with its number, too: it is not counted twice.
      lost: Math.max(missing, skipped),
      repeated: Math.max(repeated.numbers, repeated.messages),
      foreign,
    }),
  }
}
