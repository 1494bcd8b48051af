import type { OnFrame } from './frames.ts'
import type { Parts } from './parts.ts'

/** What a client sends, again and again. */
export interface Outgoing {
  readonly request: string
  /** How several requests share a frame, and the most that do. */
  readonly parts: Parts
  readonly mostParts: number
}

/** A client that sends one request, again and again. */
export interface LoadClient {
  /** Sends so many requests. */
  send(count: number): void
  /** Sends another frame, once. */
  say(text: string): void
  close(): void
}

export interface LoadHandlers {
  /** A text frame's payload, from clients that read bytes. */
  readonly frame: OnFrame
  /** The same from clients that read text. */
  readonly text: (data: string) => void
  /** All that came at once has been handed over. */
  readonly idle: () => void
  /** The connection is of no use any more. */
  readonly failed: (error: Error) => void
}
