import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { ParleyError } from '../errors.ts'

/** Look-ups that are under way at once. */
const AT_ONCE = 4

export interface LookUpsNeeds<Found> {
  readonly env: Environment
  read(id: number): Promise<Found>
  /** null: there is nothing of that id for the user. Called once for each id, unless it is dropped. */
  found(id: number, found: Found | null): void
}

/** Looks things up by their ids, a few at a time, and again until there is an answer. */
export function createLookUps<Found>({ env, read, found }: LookUpsNeeds<Found>) {
  const { clock, random } = env
  const waiting = new Set<number>()
  /** Each with what tells whether it is still wanted. */
  const running = new Map<number, symbol>()
  let failures = 0
  let cancelRetry: (() => void) | null = null

  function pump(): void {
    for (const id of waiting) {
      if (running.size >= AT_ONCE || cancelRetry !== null) return
      waiting.delete(id)
      void run(id)
    }
  }

  async function run(id: number): Promise<void> {
    const mine = Symbol(id)
    running.set(id, mine)
    const outcome = await read(id).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if (running.get(id) !== mine) return
    running.delete(id)
    if ('value' in outcome) {
      failures = 0
      found(id, outcome.value)
    } else if (outcome.error instanceof ParleyError && outcome.error.retryable) {
      waiting.add(id)
      retryAfter(outcome.error.retryAfterMs)
    } else {
      found(id, null)
    }
    pump()
  }

  function retryAfter(atLeastMs: number): void {
    cancelRetry ??= clock.after(Math.max(atLeastMs, backoff(failures++, random)), retry)
  }

  function retry(): void {
    cancelRetry?.()
    cancelRetry = null
    pump()
  }

  return {
    /** Looks it up, once more if that is under way: what is read may be older than what has just been told. */
    add(id: number): void {
      running.delete(id)
      waiting.add(id)
      pump()
    },
    drop(id: number): void {
      running.delete(id)
      waiting.delete(id)
      pump()
    },
    clear(): void {
      running.clear()
      waiting.clear()
    },
    /** Begins no more until `resume`. */
    pause(): void {
      cancelRetry?.()
      cancelRetry = () => undefined
    },
    /** What was put off is tried now. */
    resume: retry,
    size: () => running.size + waiting.size,
  }
}
