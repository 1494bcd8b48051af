/** What all connections share. */
export interface ConnectionHost<C> {
  /** A frame could not be sent at once. */
  noteUnsent(): void
  /** Takes the further frames of a batch. @returns false if they were too many; the connection is then closed */
  takeBatch(connection: C, further: number): boolean
  /** Takes one refusal. @returns false if it was one too many; the connection is then closed */
  takeRefusal(connection: C): boolean
}

/** Frames that were received and not yet handled. */
export interface Waiting {
  /** In the order received; null stands for a binary frame. */
  readonly frames: (string | null)[]
  /** The index of the first frame that is not handled. */
  at: number
  /** Whether the peer has gone: the connection ends once the frames are handled. */
  isLast: boolean
}
