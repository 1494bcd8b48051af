/** A map optimised for one entry, which it holds without a table: the table of a `Map` takes ten times as much memory. */
export class SmallMap<Key, Value> {
  #only: readonly [Key, Value] | null = null
  /** Used if there is, or was, more than one entry. */
  #table: Map<Key, Value> | null = null

  get size(): number {
    return this.#table?.size ?? (this.#only === null ? 0 : 1)
  }

  get(key: Key): Value | undefined {
    if (this.#table !== null) return this.#table.get(key)
    return this.#only !== null && this.#only[0] === key ? this.#only[1] : undefined
  }

  set(key: Key, value: Value): void {
    if (this.#table !== null) {
      this.#table.set(key, value)
    } else if (this.#only === null || this.#only[0] === key) {
      this.#only = [key, value]
    } else {
      this.#table = new Map([this.#only, [key, value]])
      this.#only = null
    }
  }

  delete(key: Key): void {
    if (this.#table !== null) this.#table.delete(key)
    else if (this.#only?.[0] === key) this.#only = null
  }

  clear(): void {
    this.#only = null
    this.#table = null
  }

  /** Iterates in the order of insertion. */
  entries(): Iterable<readonly [Key, Value]> {
    return this.#table ?? (this.#only === null ? [] : [this.#only])
  }
}
