import type { Logger } from '../../server/index.ts'

/** Runs a task repeatedly, `ms` milliseconds after the last run has ended. Logs a failure; the next run is the retry. */
export function every(ms: number, run: () => Promise<void>, log: Logger): () => void {
  let timer: ReturnType<typeof setTimeout>
  const schedule = () => {
    timer = setTimeout(() => {
      run()
        .catch((error: unknown) => log.warn({ err: error }, 'a periodic task failed'))
        .finally(schedule)
    }, ms)
  }
  schedule()
  return () => clearTimeout(timer)
}

/** Removes all that is due, a bounded piece at a time. */
export async function sweep(store: { sweep(): Promise<boolean> }): Promise<void> {
  while (await store.sweep());
}
