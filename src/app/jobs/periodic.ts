import type { Logger } from '../../server/index.ts'

/**
 * Runs a task repeatedly, each time `ms` milliseconds after the last run has ended. Logs a failure; the next run is the retry.
 * @param firstMs milliseconds until the first run
 */
export function every(ms: number, run: () => Promise<void>, log: Logger, firstMs = ms): () => void {
  let timer: ReturnType<typeof setTimeout>
  const schedule = (afterMs: number) => {
    timer = setTimeout(() => {
      run()
        .catch((error: unknown) => log.warn({ err: error }, 'a periodic task failed; it will run again'))
        .finally(() => schedule(ms))
    }, afterMs)
  }
  schedule(firstMs)
  return () => clearTimeout(timer)
}

/** Removes everything that has expired, in bounded batches. */
export async function sweep(store: { sweep(): Promise<boolean> }): Promise<void> {
  while (await store.sweep());
}
