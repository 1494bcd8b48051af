import type { OnFrame } from './frames.ts'

/** A client that sends one frame, again and again. */
export interface LoadClient {
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
