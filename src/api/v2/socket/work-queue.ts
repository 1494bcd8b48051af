/**
 * Runs jobs in the order they came, a few at a time: what one connection may ask of the database at once. Jobs do not fail:
 * each tells of its own failure.
 */
export class WorkQueue {
  readonly #atOnce: number
  readonly #limit: number
  #running = 0
  #waiting: (() => Promise<void>)[] = []

  /** @param limit jobs that may wait */
  constructor(atOnce: number, limit: number) {
    this.#atOnce = atOnce
    this.#limit = limit
  }

  /** @returns false where too many wait already */
  add(job: () => Promise<void>): boolean {
    if (this.#running < this.#atOnce) void this.#run(job)
    else if (this.#waiting.length < this.#limit) this.#waiting.push(job)
    else return false
    return true
  }

  /** What waits is not done any more. */
  clear(): void {
    this.#waiting = []
  }

  async #run(first: () => Promise<void>): Promise<void> {
    this.#running++
    for (let job: (() => Promise<void>) | undefined = first; job; job = this.#waiting.shift()) await job()
    this.#running--
  }
}
