/** What a connection needs of its transport. Bun's WebSocket is one, an answer that lasts (`StreamWire`) the other. */
export interface Wire {
  readonly readyState: number
  /** Sends a frame. @returns -1 if it waits because the client has yet to take what was sent before */
  send(text: string): number
  /** Sends lines of the transport's own, as the ids of a stream of events; sockets have none. */
  write?(lines: string): void
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  /** Runs the function and sends its frames in one write. */
  cork(run: () => void): unknown
  close(code: number, reason: string): void
  /** Ends it without waiting for the client. */
  terminate(): void
  /** Bytes that the client has yet to take. */
  getBufferedAmount(): number
  ping(): unknown
  pause(): void
  resume(): void
}
