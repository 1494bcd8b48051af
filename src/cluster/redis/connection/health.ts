/** Redis is back once nothing has failed for this long, in milliseconds. */
const CALM_MS = 2000

/** Whether Redis is away. Failures repeat while it is; that it went, and came back, is told once each time. */
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

  /** All seems well. */
  well(): void {
    if (!this.#away || performance.now() - this.#failedAt < CALM_MS) return
    this.#away = false
    this.#onChange(null)
  }

  /** What fails from now on fails because this node leaves. */
  close(): void {
    this.#closed = true
  }
}

/** The client's errors carry the command that failed, which may hold a password or a message. */
function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('Redis failed')
  const { name, message, stack } = error
  if (!('command' in error)) return error
  const plain = new Error(message.replace(/, with args beginning with.*/s, ''))
  plain.name = name
  if (stack !== undefined) plain.stack = stack.replace(message, plain.message)
  return plain
}
