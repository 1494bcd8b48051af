/* The text of a message: its sender, its place among the sender's messages and the time, then some text of ordinary length. */

export interface Said {
  readonly sender: string
  /** From 1. */
  readonly ordinal: number
  /** Milliseconds since the epoch, by the clock of the machine that the load runs on. */
  readonly at: number
}

export function bodyOf({ sender, ordinal, at }: Said): string {
  return `${sender}.${ordinal}.${at} A message of an ordinary length, as people write them.`
}

/** Returns null for a text that no client of the load sent. */
export function readBody(body: string): Said | null {
  const [, sender, ordinal, at] = /^(\d+)\.(\d+)\.(\d+) /.exec(body) ?? []
  if (sender === undefined) return null
  return { sender, ordinal: Number(ordinal), at: Number(at) }
}
