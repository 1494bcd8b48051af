/** Callers that wait for one moment. */
export class Waiters {
  #waiting: (() => void)[] = []

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  release(): void {
    const those = this.#waiting
    this.#waiting = []
    for (const resolve of those) resolve()
  }
}
