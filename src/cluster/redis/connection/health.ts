/** Milliseconds without a failure after which Redis counts as back. */
const CALM_MS = 2000

/** Follows whether Redis is away. Failures repeat while it is; each outage and each recovery is told once. */
export class Health {
  readonly #onChange: (away: Error | null) => void
  #away = false
  #failedAt = 0
  #closed = false

  constructor(onChange: (away: Error | null) => void) {
    this.#onChange = onChange
  }

  failure(error: unknown): void {
    this.#failedAt = performance.now()
    if (this.#away || this.#closed) return
    this.#away = true
    this.#onChange(withoutArguments(error))
  }

  /** Whether nothing has failed lately. */
  well(): void {
    if (!this.#away || performance.now() - this.#failedAt < CALM_MS) return
    this.#away = false
    this.#onChange(null)
  }

  /** Ignores later failures: this node is leaving. */
  close(): void {
    this.#closed = true
  }
}

/** Removes the failed command from an error of the client: it may hold a password or a message. */
function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('Redis failed')
  const { name, message, stack } = error
  if (!('command' in error)) return error
  const plain = new Error(message.replace(/, with args beginning with.*/s, ''))
  plain.name = name
  if (stack !== undefined) plain.stack = stack.replace(message, plain.message)
  return plain
}
