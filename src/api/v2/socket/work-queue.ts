export type Job = () => Promise<void>

/**
 * Runs jobs in the order they came, a few at a time: what one connection may ask of the database at once. Jobs do not fail:
 * each tells of its own failure.
 */
export class WorkQueue {
  readonly #atOnce: number
  readonly #limit: number
  #running = 0
  /** Made when a request has to wait, which most connections never need. */
  #waiting: Job[] | null = null

  /** @param limit jobs that may wait */
  constructor(atOnce: number, limit: number) {
    this.#atOnce = atOnce
    this.#limit = limit
  }

  /** @returns false where too many wait already */
  add(job: Job): boolean {
    if (this.#running < this.#atOnce) {
      void this.#run(job)
      return true
    }
    this.#waiting ??= []
    if (this.#waiting.length >= this.#limit) return false
    this.#waiting.push(job)
    return true
  }

  /** What waits is not done any more. */
  clear(): void {
    this.#waiting = null
  }

  async #run(first: Job): Promise<void> {
    this.#running++
    for (let job: Job | undefined = first; job; job = this.#waiting?.shift()) await job()
    this.#running--
  }
}
