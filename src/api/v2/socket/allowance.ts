/** An amount that several callers share. Those who want more than is left wait, the first one first. */
export class Allowance {
  readonly #whole: number
  #left: number
  /** Created when a caller has to wait. */
  #waiting: Waiting[] | null = null

  constructor(whole: number) {
    this.#whole = whole
    this.#left = whole
  }

  /** Resolves once the amount was taken, with how much it is to give back: who wants more than there is takes all of it. */
  async take(amount: number): Promise<number> {
    const share = Math.min(amount, this.#whole)
    if (this.#waiting !== null || share > this.#left) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting ??= []
      this.#waiting.push({ share, resolve })
      await promise
    } else this.#left -= share
    return share
  }

  give(share: number): void {
    this.#left += share
    for (
      let next = this.#waiting?.[0];
      next !== undefined && next.share <= this.#left;
      next = this.#waiting?.[0]
    ) {
      this.#waiting?.shift()
      this.#left -= next.share
      next.resolve()
    }
    if (this.#waiting?.length === 0) this.#waiting = null
  }
}

interface Waiting {
  readonly share: number
  readonly resolve: () => void
}
