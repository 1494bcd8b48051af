/** Runs what concerns one key one after the other, in the order asked for, and different keys at once. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Keys of which something runs or waits. */
  get size(): number {
    return this.#last.size
  }

  /** @returns what `run` does, which may reject */
  take<T>(key: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const turn = before === undefined ? run() : before.then(run, run)
    this.#last.set(key, turn)
    const over = () => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(over, over)
    return turn
  }
}
