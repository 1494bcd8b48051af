/**
 * A bounded queue in which sources take turns, each in its own order, so that a source with many items waiting does not hold up the
 * others. If the queue is full, an item of a source with few waiting evicts one of the source with the most.
 */
export class FairQueue<T> {
  readonly #limit: number
  /** The source whose turn is next comes first. */
  readonly #bySource = new Map<string, T[]>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** Adds an item. @returns the evicted item, which may be the new one; null if there was room */
  push(source: string, item: T): T | null {
    const waiting = this.#bySource.get(source) ?? []
    const gone = this.#size < this.#limit ? null : this.#displace(waiting.length, item)
    if (gone === item) return item
    waiting.push(item)
    this.#bySource.set(source, waiting)
    this.#size++
    return gone
  }

  shift(): T | undefined {
    for (const [source, waiting] of this.#bySource) {
      const next = waiting.shift()
      // The source's next item waits until every other source has had its turn.
      this.#bySource.delete(source)
      if (waiting.length > 0) this.#bySource.set(source, waiting)
      this.#size--
      return next
    }
    return undefined
  }

  /** Removes the latest item of the source with the most, unless that would leave the source with fewer than the new item's source. */
  #displace(own: number, item: T): T {
    let [longest, most]: [T[], number] = [[], own + 1]
    for (const waiting of this.#bySource.values()) {
      if (waiting.length > most) [longest, most] = [waiting, waiting.length]
    }
    const gone = longest.pop()
    if (gone === undefined) return item
    this.#size--
    return gone
  }
}
