/** Runs the tasks of one key one after the other, in order, and those of different keys concurrently. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** The number of keys with tasks that run or wait. */
  get size(): number {
    return this.#last.size
  }

  /** Runs a task after the earlier ones of its key. @returns its result; rejects if it does */
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
