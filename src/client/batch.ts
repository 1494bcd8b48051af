/** Puts off what has to be done once for all frames that came together, however many they are. */
export interface Batch {
  /** Runs `handle`, and after it what was put off meanwhile. */
  run(handle: () => void): void
  /** Calls `act` at the end of the batch, once however often it was put off. Outside of a batch, calls it at once. */
  once(act: () => void): void
}

export function createBatch(): Batch {
  const later = new Set<() => void>()
  let isRunning = false

  return {
    run(handle) {
      isRunning = true
      try {
        handle()
      } finally {
        try {
          // What is put off meanwhile is added at the end, and runs as well.
          for (const act of later) {
            later.delete(act)
            act()
          }
        } finally {
          isRunning = false
        }
      }
    },
    once(act) {
      if (isRunning) later.add(act)
      else act()
    },
  }
}
