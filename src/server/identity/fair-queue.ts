/**
 * Waits of many sources, which take turns, each in its own order: one that has many waiting holds up nobody else. While it is
 * full, whoever comes from a source that has few waiting takes the place of one that has the most.
 */
export class FairQueue<T> {
  readonly #limit: number
  /** The next one's first. */
  readonly #bySource = new Map<string, T[]>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** @returns who has to go instead, which may be the one that has come; null while there is room */
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
      // Its next one waits until every other source has had its turn.
      this.#bySource.delete(source)
      if (waiting.length > 0) this.#bySource.set(source, waiting)
      this.#size--
      return next
    }
    return undefined
  }

  /** Takes out the latest of whoever has the most waiting, unless that would leave it with fewer than the one that has come. */
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
