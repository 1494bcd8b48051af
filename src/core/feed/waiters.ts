import type { Seq } from '../model.ts'

/** Callers that wait until a room has reached a number. */
export class Waiters {
  #waiting: Waiter[] = []

  until(seq: Seq): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }))
  }

  /** Calls back once at that number. @returns what takes that back */
  add(seq: number, resolve: () => void): () => void {
    const waiter = { seq, resolve }
    this.#waiting.push(waiter)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter)
    }
  }

  /** Resolves the callers that wait for a number up to this one. */
  wake(position: number): void {
    if (this.#waiting.length === 0) return
    const due = this.#waiting.filter(({ seq }) => seq <= position)
    this.#waiting = this.#waiting.filter(({ seq }) => seq > position)
    for (const { resolve } of due) resolve()
  }
}

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
}
