export type Job = () => Promise<void>

/**
 * Runs jobs in order of arrival, a few at a time. It limits how many queries of one connection run at once. Jobs never reject:
 * each reports its own failure.
 */
export class WorkQueue {
  readonly #atOnce: number
  readonly #limit: number
  #running = 0
  /** Created when a request has to wait, which never happens on most connections. */
  #waiting: Job[] | null = null

  /** @param limit the most jobs that may wait */
  constructor(atOnce: number, limit: number) {
    this.#atOnce = atOnce
    this.#limit = limit
  }

  /** @returns false if too many wait already */
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

  /** Drops the waiting jobs. */
  clear(): void {
    this.#waiting = null
  }

  async #run(first: Job): Promise<void> {
    this.#running++
    for (let job: Job | undefined = first; job; job = this.#waiting?.shift()) await job()
    this.#running--
  }
}
