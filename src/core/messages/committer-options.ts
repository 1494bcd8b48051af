export interface CommitterOptions {
  /** Sends that may wait for the database, over all lanes; one more is refused with `overloaded`. */
  readonly queueLimit: number
  /** The same bound in bytes of text (two a UTF-16 unit). */
  readonly queueBytes: number
  /** The most sends in one batch. */
  readonly batchLimit: number
  /** Milliseconds after which a send that could not be written is refused with `unavailable`. */
  readonly deadlineMs: number
  /** Calls back once the event loop has been round. */
  readonly nextTurn: (run: () => void) => void
  /** A listener that was told of a send threw. */
  readonly onFault: (error: unknown) => void
}
