import { content, mark } from '../load/setup.ts'
import { messageFrame } from '../load/wire.ts'

export interface ClientMessage {
  readonly mark: string
  /** What it says, which ends with the mark. */
  readonly content: string
  /** The whole message as JSON: of the same length for each client, and much like what Parley makes of one. */
  readonly json: string
}

/** What each of so many clients sends, again and again. */
export function clientMessages(clients: number): ClientMessage[] {
  return Array.from({ length: clients }, (_, index) => {
    const text = content(mark(index))
    return { mark: mark(index), content: text, json: messageFrame(String(FIRST_USER + index), text) }
  })
}

const FIRST_USER = 1_000_000
