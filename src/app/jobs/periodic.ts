import type { Logger } from '../../server/index.ts'

/** Runs a task repeatedly, each time `ms` milliseconds after the last run has ended. Logs a failure; the next run is the retry. */
export function every(ms: number, run: () => Promise<void>, log: Logger): () => void {
  let timer: ReturnType<typeof setTimeout>
  const schedule = () => {
    timer = setTimeout(() => {
      run()
        .catch((error: unknown) => log.warn({ err: error }, 'a periodic task failed; it will run again'))
        .finally(schedule)
    }, ms)
  }
  schedule()
  return () => clearTimeout(timer)
}

/** Removes everything that has expired, in bounded batches. */
export async function sweep(store: { sweep(): Promise<boolean> }): Promise<void> {
  while (await store.sweep());
}
